//! One line of comma-separated values, as go-csvvalue reads `--mount` and `--device`.

/// The fields, or the text of the error.
pub(super) fn fields(line: &str) -> Result<Vec<String>, String> {
    let line = line.strip_suffix("\r\n").or_else(|| line.strip_suffix('\n')).unwrap_or(line);
    if line.is_empty() {
        return Err("EOF".into());
    }
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let column = |rest: &str| line.len() - rest.len() + 1;
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, next) = rest.split_once(',').map_or((rest, None), |(field, next)| (field, Some(next)));
            if let Some(at) = field.find('"') {
                return Err(format!("parse error on line 1, column {}: bare \" in non-quoted-field", column(rest) + at));
            }
            fields.push(field.to_owned());
            match next {
                Some(next) => rest = next,
                None => return Ok(fields),
            }
            continue;
        };
        let misplaced = |column: usize| Err(format!("parse error on line 1, column {column}: extraneous or missing \" in quoted-field"));
        let mut field = String::new();
        rest = quoted;
        loop {
            let Some((part, next)) = rest.split_once('"') else { return misplaced(column(rest)) };
            field.push_str(part);
            rest = next;
            if let Some(next) = rest.strip_prefix('"') {
                field.push('"');
                rest = next;
                continue;
            }
            break;
        }
        fields.push(field);
        if rest.is_empty() {
            return Ok(fields);
        }
        let Some(next) = rest.strip_prefix(',') else { return misplaced(column(rest) - 1) };
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expect: Result<&[&str], &str>) {
        let expect = expect.map(|fields| fields.iter().map(|f| (*f).to_owned()).collect()).map_err(str::to_owned);
        assert_eq!(fields(line), expect, "{line}");
    }

    #[test]
    fn plain_and_quoted() {
        check("a,b=c,", Ok(&["a", "b=c", ""]));
        check("\"a,b\",\"c\"\"d\"\n", Ok(&["a,b", "c\"d"]));
        check("\"\"", Ok(&[""]));
    }

    #[test]
    fn broken() {
        check("", Err("EOF"));
        check("ab\"c", Err("parse error on line 1, column 3: bare \" in non-quoted-field"));
        check("x,\"ab", Err("parse error on line 1, column 4: extraneous or missing \" in quoted-field"));
        check("x,\"ab\"c", Err("parse error on line 1, column 6: extraneous or missing \" in quoted-field"));
    }
}
