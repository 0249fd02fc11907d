//! Upper and lower case of all of Unicode, as Go's `strings.ToLower` and `ToUpper`. A browser has its tables: the download leaves them out.

/// Text in one case.
pub trait Case {
    /// In lower case.
    fn lower(&self) -> String;
    /// In upper case.
    fn upper(&self) -> String;
}

impl Case for str {
    fn lower(&self) -> String {
        if self.is_ascii() { self.to_ascii_lowercase() } else { unicode::lower(self) }
    }

    fn upper(&self) -> String {
        if self.is_ascii() { self.to_ascii_uppercase() } else { unicode::upper(self) }
    }
}

#[cfg(target_arch = "wasm32")]
mod unicode {
    use js_sys::JsString;

    pub fn lower(text: &str) -> String {
        JsString::from(text).to_lower_case().into()
    }

    pub fn upper(text: &str) -> String {
        JsString::from(text).to_upper_case().into()
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[allow(clippy::disallowed_methods)]
mod unicode {
    pub fn lower(text: &str) -> String {
        text.to_lowercase()
    }

    pub fn upper(text: &str) -> String {
        text.to_uppercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_all_letters() {
        assert_eq!(["FROM", "Ünï", "Σ", ""].map(str::lower), ["from", "ünï", "σ", ""]);
        assert_eq!(["from", "ünï", "ß"].map(str::upper), ["FROM", "ÜNÏ", "SS"]);
    }
}
