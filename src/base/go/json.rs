//! Go's `encoding/json`: the escapes of `json.Marshal`, which Docker's configs carry byte for byte.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

/// Go's `json.Marshal`.
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    write(value, Escaping(CompactFormatter))
}

/// Go's `json.MarshalIndent(value, "", "  ")`.
pub fn to_json_indented<T: Serialize + ?Sized>(value: &T) -> String {
    write(value, Escaping(PrettyFormatter::with_indent(b"  ")))
}

fn write<T: Serialize + ?Sized>(value: &T, formatter: impl Formatter) -> String {
    let mut bytes = Vec::new();
    // Values of ours have string keys only, and a Vec takes every byte: this cannot fail.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter));
    String::from_utf8(bytes).unwrap_or_default()
}

/// Adds the escapes that Go makes and serde_json does not: `<`, `>`, `&`, U+2028, U+2029.
struct Escaping<F>(F);

macro_rules! forward {
    ($($name:ident($($arg:ident: $type:ty),*);)*) => {
        $(fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $arg: $type)*) -> io::Result<()> {
            self.0.$name(writer $(, $arg)*)
        })*
    };
}

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (before, from) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut chars = from.chars();
            let c = chars.next().unwrap_or_default();
            write!(writer, "\\u{:04x}", c as u32)?;
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    forward! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_as_go_does() {
        assert_eq!(to_json("a<b>&\u{2028}\"\u{1}\u{8}é"), r#""a\u003cb\u003e\u0026\u2028\"\u0001\bé""#);
        assert_eq!(to_json_indented(&vec![vec!["<"], vec![]]), "[\n  [\n    \"\\u003c\"\n  ],\n  []\n]");
    }
}
