//! ARG

use super::request::Request;

/// ARG: several may stand on a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// In order.
    pub args: Vec<ArgDefault>,
}

/// `name[=default]` with the comment that describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgDefault {
    /// The name.
    pub key: String,
    /// The default, unexpanded.
    pub value: Option<String>,
    /// Description from the comment above.
    pub comment: String,
}

/// ARG; flags are ignored, whatever they are.
pub(super) fn arg(request: &Request) -> Result<Arg, String> {
    request.at_least_one("ARG")?;
    let args = request.args.iter().map(|word| {
        let (key, value) = word.split_once('=').map_or((&**word, None), |(key, value)| (key, Some(value)));
        if key.is_empty() && value.is_some() {
            return Err("ARG names can not be blank".to_owned());
        }
        Ok(ArgDefault { key: key.to_owned(), value: value.map(str::to_owned), comment: request.description(key) })
    });
    Ok(Arg { args: args.collect::<Result<_, _>>()? })
}
