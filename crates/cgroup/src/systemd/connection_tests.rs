use std::io::Write;

use super::super::peer::{Peer, body, message, play};
use super::*;

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// What one call has led to, on a private socket, with a peer that behaves so.
fn ask(until: Instant, script: impl FnOnce(Peer) + Send + 'static) -> Result<Message, Failure> {
    let (stream, peer) = play(script);
    let answer = Connection::over(stream, until, false).and_then(|mut c| c.call(to_bus("Ping")));
    peer.join().unwrap();
    answer
}

/// Reads until the other end hangs up.
fn linger(mut peer: Peer) {
    std::io::copy(&mut peer.stream, &mut std::io::sink()).unwrap();
}

#[test]
fn the_answer_is_that_to_the_call() {
    let answer = ask(soon(), |mut peer| {
        peer.greet();
        let (serial, _) = peer.expect("Ping");
        peer.job_removed("x", "/job", "done");
        for (reply_to, text) in [(serial + 1, "wrong"), (serial, "right")] {
            peer.send(&message(Kind::Return, Some(reply_to), &[], "s", body(&[text])));
        }
    });
    assert_eq!(answer.unwrap().body("s").unwrap().string(), Ok("right"));
}

#[test]
fn a_message_may_come_in_pieces_and_with_the_greeting() {
    let answer = ask(soon(), |mut peer| {
        let bytes = message(Kind::Return, Some(1), &[], "s", body(&["whole"]));
        peer.send(&[b"DATA\r\nOK 0123\r\n".as_slice(), &bytes[..20]].concat());
        bytes[20..].iter().for_each(|&byte| peer.send(&[byte]));
        linger(peer);
    });
    assert_eq!(answer.unwrap().body("s").unwrap().string(), Ok("whole"));
}

#[test]
fn a_bus_is_greeted() {
    let (stream, peer) = play(|mut peer| {
        peer.greet();
        peer.answer("Hello", "org.freedesktop.DBus", "s", &[":1.7"]);
    });
    assert!(Connection::over(stream, soon(), true).is_ok_and(|connection| connection.bus));
    peer.join().unwrap();
}

#[test]
fn a_refusal_has_its_name_and_its_words() {
    let answer = ask(soon(), |mut peer| {
        peer.greet();
        let (serial, _) = peer.expect("Ping");
        peer.send(&message(Kind::Error, Some(serial), &[(4, "s", "a.No")], "s", body(&["not today"])));
    });
    assert_eq!(answer, Err(Failure::Refused { name: "a.No".into(), message: "not today".into() }));
}

#[test]
fn nobody_is_waited_for_beyond_the_deadline() {
    let moment = || Instant::now() + Duration::from_millis(50);
    assert_eq!(ask(moment(), linger), Err(Failure::Time), "no greeting");
    let greeted = ask(moment(), |mut peer| {
        peer.greet();
        linger(peer);
    });
    assert_eq!(greeted, Err(Failure::Time), "no answer");
    assert_eq!(ask(Instant::now(), linger), Err(Failure::Time), "no time at all");
}

#[test]
fn a_chatterer_does_not_move_the_deadline() {
    // Enough for the greeting on a processor that is emulated.
    let answer = ask(Instant::now() + Duration::from_secs(1), |mut peer| {
        peer.greet();
        let noise = message(Kind::Signal, None, &[(3, "s", "Noise")], "", body(&[]));
        while peer.stream.write_all(&noise).is_ok() {}
    });
    assert_eq!(answer, Err(Failure::Time));
}

#[test]
fn who_hangs_up_is_told() {
    assert!(matches!(ask(soon(), drop), Err(Failure::Lost(Errno::CONNRESET | Errno::PIPE))));
    let later = ask(soon(), |mut peer| {
        peer.greet();
        peer.next();
        peer.send(b"l\x02\0\x01");
    });
    assert_eq!(later, Err(Failure::Lost(Errno::CONNRESET)));
}

#[test]
fn who_does_not_let_us_in_is_told() {
    for verdict in ["REJECTED EXTERNAL\r\nERROR\r\n", "DATA\r\nREJECTED\r\n"] {
        let answer = ask(soon(), |mut peer| {
            peer.send(verdict.as_bytes());
            linger(peer);
        });
        assert_eq!(answer, Err(Failure::Unreachable("we are not let in".into())));
    }
}

#[test]
fn garbage_is_told() {
    let endless = ask(soon(), |mut peer| {
        peer.send(&[b'x'; 1024]);
        linger(peer);
    });
    assert_eq!(endless, Err(Failure::Garbled("a greeting without end")));
    let garbage = ask(soon(), |mut peer| {
        peer.greet();
        peer.send(&[b'x'; 64]);
        linger(peer);
    });
    assert!(matches!(garbage, Err(Failure::Garbled(_))), "{garbage:?}");
}
