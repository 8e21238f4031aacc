//! What systemd is about to do, and has done: a start is a job, and a signal tells its end.

use super::Failure;
use super::connection::Connection;
use super::message::{Kind, Message};

/// Where a manager is, and how it is called.
pub(super) const PATH: &str = "/org/freedesktop/systemd1";
pub(super) const INTERFACE: &str = "org.freedesktop.systemd1.Manager";

/// What a bus is to hand on: that jobs have ended.
pub(super) const ENDED: &str = "type='signal',sender='org.freedesktop.systemd1',\
    path='/org/freedesktop/systemd1',interface='org.freedesktop.systemd1.Manager',member='JobRemoved'";

/// Waits for the job that the answer to call `serial` names. systemd answers before it runs the job; but nobody
/// promises so, and what ended before the answer is kept.
pub(super) fn wait(connection: &mut Connection, serial: u32) -> Result<(), Failure> {
    let mut ended: Vec<Ended> = Vec::new();
    let answer = connection.answer(serial, |signal| ended.extend(Ended::read(signal)))?;
    let job = answer.body("o")?.object_path()?.to_owned();
    let ours = |ended: &&Ended| ended.job == job && ended.sender == answer.fields.sender;
    loop {
        if let Some(ended) = ended.iter().find(&ours) {
            return ended.verdict();
        }
        ended.extend(Ended::read(&connection.receive()?));
    }
}

/// What a signal says of a job that has ended.
#[derive(Debug)]
struct Ended {
    /// Who says so. On a bus anybody may send us signals.
    sender: Option<String>,
    job: String,
    result: String,
}

impl Ended {
    /// None of another message, or of one that is not of the form.
    fn read(message: &Message) -> Option<Ended> {
        let fields = &message.fields;
        let names = (fields.path.as_deref(), fields.interface.as_deref(), fields.member.as_deref());
        if message.kind != Kind::Signal || names != (Some(PATH), Some(INTERFACE), Some("JobRemoved")) {
            return None;
        }
        let mut body = message.body("uoss").ok()?;
        let (_id, job) = (body.u32().ok()?, body.object_path().ok()?);
        let (_unit, result) = (body.string().ok()?, body.string().ok()?);
        Some(Ended { sender: fields.sender.clone(), job: job.to_owned(), result: result.to_owned() })
    }

    fn verdict(&self) -> Result<(), Failure> {
        if self.result == "done" { Ok(()) } else { Err(Failure::Job { result: self.result.clone() }) }
    }
}
