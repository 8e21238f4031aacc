//! In which form a plan is told.

use std::str::FromStr;

/// What `--explain` asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Lines for people: 1 what is done, 2 the calls as well, 3 why as well.
    Text(u8),
    /// One JSON object a line, for programs (docs/explain-json.md).
    Json,
}

impl Default for Form {
    fn default() -> Self {
        Form::Text(1)
    }
}

impl FromStr for Form {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "1" => Ok(Form::Text(1)),
            "2" => Ok(Form::Text(2)),
            "3" => Ok(Form::Text(3)),
            "json" => Ok(Form::Json),
            _ => Err("it is one of 1, 2, 3 and json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_levels_and_one_form_for_programs() {
        assert_eq!("1".parse(), Ok(Form::default()));
        assert_eq!("3".parse(), Ok(Form::Text(3)));
        assert_eq!("json".parse(), Ok(Form::Json));
        for bad in ["", "0", "4", "01", "+1", "JSON", "json ", "text"] {
            assert!(bad.parse::<Form>().is_err(), "{bad:?}");
        }
    }
}
