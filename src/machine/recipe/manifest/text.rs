//! Small readings of TOML, XML and lists: just what manifests need.

/// The lines of a TOML section, with inner tables of the same name left out.
pub fn section<'t>(toml: &'t str, name: &str) -> Vec<&'t str> {
    let header = format!("[{name}]");
    let mut inside = false;
    let mut lines = Vec::new();
    for line in toml.lines().map(str::trim) {
        if line.starts_with('[') && (line.ends_with(']') && !line.contains('=')) {
            inside = line == header;
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            lines.push(line);
        }
    }
    lines
}

/// The tables of an array: `[[package]]`.
pub fn tables<'t>(toml: &'t str, name: &str) -> Vec<&'t str> {
    let header = format!("[[{name}]]");
    toml.split(header.as_str()).skip(1).map(|table| table.split("\n[").next().unwrap_or(table)).collect()
}

/// The string value of `key = "value"` in these lines.
pub fn value<'t>(lines: impl IntoIterator<Item = &'t str>, key: &str) -> Option<&'t str> {
    lines.into_iter().find_map(|line| {
        let (name, value) = line.trim().split_once('=')?;
        (name.trim() == key).then(|| value.trim().trim_matches(['"', '\'']))
    })
}

/// The strings of a list: `key = ["a", 'b']`, over several lines too.
pub fn list(toml: &str, key: &str) -> Vec<String> {
    let start = toml.lines().scan(0, |at, line| {
        let here = *at;
        *at += line.len() + 1;
        Some((here, line))
    });
    let Some((at, _)) =
        start.into_iter().find(|(_, line)| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')))
    else {
        return Vec::new();
    };
    let rest = &toml[at..];
    let Some(open) = rest.find('[') else { return Vec::new() };
    let mut items = Vec::new();
    let mut chars = rest[open + 1..].chars();
    while let Some(c) = chars.next() {
        match c {
            ']' => break,
            '"' | '\'' => items.push(chars.by_ref().take_while(|other| *other != c).collect()),
            '#' => drop(chars.by_ref().take_while(|other| *other != '\n').count()),
            _ => {}
        }
    }
    items
}

/// The texts of all elements of this name.
pub fn elements<'t>(xml: &'t str, name: &str) -> Vec<&'t str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(open.as_str()).skip(1).map(|rest| rest.split(close.as_str()).next().unwrap_or(rest)).collect()
}

/// The text without the elements of these names.
pub fn without(xml: &str, names: &[&str]) -> String {
    let mut text = xml.to_owned();
    for name in names {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        while let Some(start) = text.find(&open) {
            let end = text[start..].find(&close).map_or(text.len(), |at| start + at + close.len());
            text.replace_range(start..end, "");
        }
    }
    text
}

/// The value of an attribute of an element: `name="value"`.
pub fn attribute<'t>(element: &'t str, name: &str) -> Option<&'t str> {
    let rest = element.split_once(&format!("{name}=\""))?.1;
    rest.split('"').next()
}

/// What stands between quotes in a line, the first of them.
pub fn quoted(line: &str) -> Option<&str> {
    let start = line.find(['"', '\''])?;
    let quote = &line[start..=start];
    line[start + 1..].split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml() {
        let text = "[package]\nname = \"a\"\n\n[dependencies]\nserde = { version = \"1\" }\n# no\nx = '2'\n[[bin]]\nname = \"b\"\n[[bin]]\nname = \"c\"\n";
        assert_eq!(value(section(text, "package"), "name"), Some("a"));
        assert_eq!(section(text, "dependencies").len(), 2);
        assert_eq!(tables(text, "bin").iter().map(|bin| value(bin.lines(), "name").unwrap()).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(list("a = 1\ndependencies = [\n  \"x>=1\", # \"no\"\n  'y',\n]\n", "dependencies"), ["x>=1", "y"]);
    }

    #[test]
    fn xml() {
        let text = "<p><v>1</v><parent><v>2</v></parent><v>3</v></p>";
        assert_eq!(elements(&without(text, &["parent"]), "v"), ["1", "3"]);
        assert_eq!(attribute("<X Include=\"a.b\" />", "Include"), Some("a.b"));
        assert_eq!(quoted("gem 'rails', \"~> 7\""), Some("rails"));
    }
}
