use proptest::prelude::*;

use super::*;

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    write(&mut writer);
    writer.into_bytes()
}

#[test]
fn numbers_are_aligned_and_little_endian() {
    let bytes = written(|w| {
        w.byte(1);
        w.u32(0x0203_0405);
        w.u64(6);
    });
    assert_eq!(bytes, [1, 0, 0, 0, 5, 4, 3, 2, 6, 0, 0, 0, 0, 0, 0, 0]);
    let mut reader = Reader::new(&bytes);
    assert_eq!((reader.byte(), reader.u32()), (Ok(1), Ok(0x0203_0405)));
    assert_eq!(reader.rest(), [6, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn texts_have_a_length_and_an_end() {
    let bytes = written(|w| {
        w.string("ab");
        w.signature("g");
        w.variant("o", |w| w.string("/x"));
    });
    assert_eq!(bytes, b"\x02\0\0\0ab\0\x01g\0\x01o\0\0\0\0\x02\0\0\0/x\0");
    let mut reader = Reader::new(&bytes);
    assert_eq!((reader.string(), reader.signature()), (Ok("ab"), Ok("g")));
    assert_eq!((reader.variant("o"), reader.object_path()), (Ok(()), Ok("/x")));
    assert!(reader.is_at_end());
}

#[test]
fn the_length_of_an_array_is_without_the_padding_before_it() {
    let bytes = written(|w| w.array(8, |w| w.u64(7)));
    assert_eq!(bytes, [8, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(written(|w| w.array(8, |_| ())), [0; 8]);
    let bytes = written(|w| {
        w.array(4, |w| w.u32(7));
        w.byte(9);
    });
    let mut reader = Reader::new(&bytes);
    let mut array = reader.array(4).unwrap();
    assert_eq!((array.u32(), array.is_at_end(), array.u32()), (Ok(7), true, Err(SHORT)));
    assert_eq!(reader.byte(), Ok(9));
}

#[test]
fn what_is_not_of_the_form_is_refused() {
    let read = |bytes: &'static [u8]| Reader::new(bytes).string();
    assert_eq!(read(b"\x02\0\0\0a"), Err(SHORT));
    assert_eq!(read(b"\xff\xff\xff\xffa\0"), Err(SHORT));
    assert!(read(b"\x01\0\0\0ab").is_err() && read(b"\x02\0\0\0a\0\0").is_err(), "no end, or one too soon");
    assert!(read(b"\x01\0\0\0\xff\0").is_err(), "no UTF-8");
    let mut padded = Reader::new(&[1, 0, 9, 0, 1, 0, 0, 0]);
    assert_eq!((padded.byte(), padded.u32().is_err()), (Ok(1), true), "padding");
    assert!(Reader::new(&[8, 0, 0, 0, 0]).array(4).is_err(), "an array beyond the end");
    assert!(Reader::new(b"\x01u\0\0\x01\0\0\0").variant("s").is_err());
}

#[test]
fn a_path_is_made_of_names() {
    for (path, is) in [
        ("/", true),
        ("/a/B_9", true),
        ("", false),
        ("a", false),
        ("/a/", false),
        ("//", false),
        ("/-", false),
    ] {
        assert_eq!(is_object_path(path), is, "{path:?}");
    }
}

proptest! {
    #[test]
    fn texts_are_read_as_they_were_written(before in 0..9_u8, text in "[^\0]{0,40}") {
        let bytes = written(|w| {
            (0..before).for_each(|_| w.byte(1));
            w.string(&text);
        });
        let mut reader = Reader::new(&bytes);
        (0..before).for_each(|_| assert_eq!(reader.byte(), Ok(1)));
        prop_assert_eq!(reader.string(), Ok(&*text));
    }

    #[test]
    fn no_bytes_make_a_panic(bytes: Vec<u8>, reads in proptest::collection::vec(0..8_u8, 0..12)) {
        let mut reader = Reader::new(&bytes);
        for read in reads {
            let _any = match read {
                0 => reader.byte().is_ok(),
                1 => reader.u32().is_ok(),
                2 => reader.string().is_ok(),
                3 => reader.object_path().is_ok(),
                4 => reader.signature().is_ok(),
                5 => reader.variant("s").is_ok(),
                6 => reader.align(8).is_ok(),
                _ => reader.array(8).map(|array| reader = array).is_ok(),
            };
            prop_assert!(reader.rest().len() <= bytes.len());
        }
    }
}
