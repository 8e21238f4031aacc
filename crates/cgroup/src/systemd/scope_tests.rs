use super::super::message::Kind;
use super::super::peer::{Peer, body, message, play};
use super::super::wire::Reader;
use super::*;

const JOB: &str = "/org/freedesktop/systemd1/job/1";

const SCOPE: Scope<'static> = Scope {
    unit: "a.scope",
    slice: "b.slice",
    description: "container a",
    pid: 42,
    controllers: &["memory", "pids"],
    weights: Weights { cpu: Some(39), io: None },
};

/// What comes of `ask`, over a bus or without, with a peer that behaves so after the greeting.
fn talk<T>(
    bus: bool,
    ask: impl FnOnce(&mut Connection) -> Result<T, Failure>,
    script: impl FnOnce(&mut Peer) + Send + 'static,
) -> Result<T, Failure> {
    let (stream, peer) = play(move |mut peer| {
        peer.greet();
        if bus {
            peer.answer("Hello", "org.freedesktop.DBus", "s", &[":1.7"]);
        }
        script(&mut peer);
    });
    let until = Instant::now() + Duration::from_secs(20);
    let answer = Connection::over(stream, until, bus).and_then(|mut connection| ask(&mut connection));
    peer.join().unwrap();
    answer
}

fn start_privately(script: impl FnOnce(&mut Peer) + Send + 'static) -> Result<(), Failure> {
    talk(false, |connection| start_by(connection, &SCOPE), script)
}

/// The value of one property, which has this type; the others of the properties are in `rest`.
fn next_property<'a>(rest: &mut Reader<'a>, name: &str, signature: &str) {
    rest.align(8).unwrap();
    assert_eq!(rest.string(), Ok(name));
    assert_eq!(rest.variant(signature), Ok(()), "{name}");
}

#[test]
fn the_scope_is_described_by_its_properties() {
    let bytes = SCOPE.arguments().into_bytes();
    let mut reader = Reader::new(&bytes);
    assert_eq!((reader.string(), reader.string()), (Ok("a.scope"), Ok("fail")));
    let mut all = reader.array(8).unwrap();
    for (name, text) in [("Description", "container a"), ("Slice", "b.slice")] {
        next_property(&mut all, name, "s");
        assert_eq!(all.string(), Ok(text));
    }
    next_property(&mut all, "PIDs", "au");
    assert_eq!(all.array(4).unwrap().u32(), Ok(42));
    next_property(&mut all, "DelegateControllers", "as");
    let mut names = all.array(4).unwrap();
    assert_eq!((names.string(), names.string(), names.is_at_end()), (Ok("memory"), Ok("pids"), true));
    next_property(&mut all, "TasksMax", "t");
    all.align(8).unwrap();
    assert_eq!((all.u32(), all.u32()), (Ok(u32::MAX), Ok(u32::MAX)));
    next_property(&mut all, "CollectMode", "s");
    assert_eq!(all.string(), Ok("inactive-or-failed"));
    next_property(&mut all, "CPUWeight", "t");
    all.align(8).unwrap();
    assert_eq!((all.u32(), all.u32(), all.is_at_end()), (Ok(39), Ok(0), true));
    assert!(reader.array(8).unwrap().is_at_end() && reader.is_at_end(), "no further units");
}

#[test]
fn a_scope_is_started_and_its_job_waited_for() {
    let started = start_privately(|peer| {
        peer.answer("StartTransientUnit", "systemd", "o", &[JOB]);
        peer.job_removed("systemd", "/another/job", "failed");
        peer.job_removed("systemd", JOB, "done");
    });
    assert_eq!(started, Ok(()));
}

#[test]
fn a_job_may_end_before_the_answer() {
    let started = start_privately(|peer| {
        let (serial, _) = peer.expect("StartTransientUnit");
        peer.job_removed("systemd", JOB, "done");
        peer.send(&message(Kind::Return, Some(serial), &[(7, "s", "systemd")], "o", body(&[JOB])));
    });
    assert_eq!(started, Ok(()));
}

#[test]
fn a_job_that_fails_is_told() {
    let started = start_privately(|peer| {
        peer.answer("StartTransientUnit", "systemd", "o", &[JOB]);
        peer.job_removed("systemd", JOB, "failed");
    });
    assert_eq!(started, Err(Failure::Job { result: "failed".into() }));
}

#[test]
fn a_bus_is_told_what_to_hand_on_and_only_systemd_is_believed() {
    let started = talk(
        true,
        |connection| start_by(connection, &SCOPE),
        |peer| {
            peer.answer("AddMatch", "org.freedesktop.DBus", "", &[]);
            peer.answer("Subscribe", ":1.1", "", &[]);
            peer.answer("StartTransientUnit", ":1.1", "o", &[JOB]);
            peer.job_removed(":1.66", JOB, "failed");
            peer.job_removed(":1.1", JOB, "done");
        },
    );
    assert_eq!(started, Ok(()));
}

#[test]
fn a_refusal_is_passed_on() {
    let exists = "org.freedesktop.systemd1.UnitExists";
    let started = start_privately(move |peer| {
        let (serial, _) = peer.expect("StartTransientUnit");
        peer.send(&message(
            Kind::Error,
            Some(serial),
            &[(4, "s", exists)],
            "s",
            body(&["Unit a.scope exists."]),
        ));
    });
    assert_eq!(
        started,
        Err(Failure::Refused { name: exists.into(), message: "Unit a.scope exists.".into() })
    );
}

#[test]
fn an_answer_of_another_form_is_told() {
    let started = start_privately(|peer| peer.answer("StartTransientUnit", "systemd", "s", &["done"]));
    assert_eq!(started, Err(Failure::Garbled("a body of other types")));
    let started = start_privately(|peer| peer.answer("StartTransientUnit", "systemd", "o", &["done"]));
    assert_eq!(started, Err(Failure::Garbled("no object path")));
}

#[test]
fn the_group_is_asked_of_the_unit_by_its_type() {
    let ask = |connection: &mut Connection| {
        control_group_by(connection, "b.slice", name::interface("b.slice").unwrap())
    };
    let group = talk(false, ask, |peer| {
        peer.answer("GetUnit", "systemd", "o", &["/unit/b"]);
        let (serial, call) = peer.expect("Get");
        assert_eq!(call.fields.path.as_deref(), Some("/unit/b"));
        let mut asked = call.body("ss").unwrap();
        assert_eq!(asked.string(), Ok("org.freedesktop.systemd1.Slice"));
        assert_eq!(asked.string(), Ok("ControlGroup"));
        let mut value = Writer::default();
        value.variant("s", |value| value.string("/b.slice"));
        peer.send(&message(Kind::Return, Some(serial), &[], "v", value));
    });
    assert_eq!(group.as_deref(), Ok("/b.slice"));
}

#[test]
fn on_a_bus_without_systemd_nobody_is_there() {
    for there in [0, 1] {
        let found = talk(true, has_owner, move |peer| {
            let (serial, _) = peer.expect("NameHasOwner");
            let mut answer = Writer::default();
            answer.u32(there);
            peer.send(&message(Kind::Return, Some(serial), &[], "b", answer));
        });
        assert_eq!(found, Ok(there == 1));
    }
}

#[test]
fn names_are_looked_at_before_anybody_is_asked() {
    let patience = Duration::ZERO;
    let refused = |scope: Scope<'_>| {
        let failure = start(Manager::System, &scope, patience).unwrap_err();
        assert!(matches!(failure, Failure::Name(_)), "{scope:?}: {failure}");
    };
    refused(Scope { unit: "a.service", ..SCOPE });
    refused(Scope { unit: "a@b.scope", ..SCOPE });
    refused(Scope { slice: "a--b.slice", ..SCOPE });
    refused(Scope { description: "a\nb", ..SCOPE });
    refused(Scope { controllers: &["cpu", "+pids"], ..SCOPE });
    assert!(matches!(attach(Manager::System, "a.scope", "../b", 1, patience), Err(Failure::Name(_))));
    assert!(matches!(attach(Manager::System, "../a", "b", 1, patience), Err(Failure::Name(_))));
    assert!(matches!(control_group(Manager::System, "a b.slice", patience), Err(Failure::Name(_))));
    assert_eq!(start(Manager::System, &SCOPE, patience), Err(Failure::Time));
}
