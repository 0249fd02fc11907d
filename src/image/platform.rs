//! `os/arch[/variant]`: containerd's `platforms` package.

use super::Platform;
use crate::base::Case;
use crate::base::go;

const OS_PATTERN: &str = r"^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$";
const PART_PATTERN: &str = "^[A-Za-z0-9_.-]+$";

impl Platform {
    /// The platform of the builder that is simulated: `linux/amd64`.
    pub fn builder() -> Self {
        Self { os: "linux".into(), architecture: "amd64".into(), variant: String::new(), os_version: String::new() }
    }

    /// `platforms.Parse`: the error is its text.
    pub fn parse(specifier: &str) -> Result<Self, String> {
        const SUFFIX: &str = "invalid argument";
        let quoted = go::quote(specifier);
        if specifier.contains('*') {
            return Err(format!("{quoted}: wildcards not yet supported: {SUFFIX}"));
        }
        let parts: Vec<&str> = specifier.splitn(4, '/').collect();
        let first = parts.first().copied().unwrap_or_default();
        let Some((os, os_version)) = split_os(first) else {
            let (part, pattern) = (go::quote(first), go::quote(OS_PATTERN));
            return Err(format!(
                "{part} is an invalid OS component of {quoted}: OSAndVersion specifier component must match {pattern}: {SUFFIX}"
            ));
        };
        if let Some(part) = parts.iter().skip(1).find(|part| !is_part(part)) {
            let (part, pattern) = (go::quote(part), go::quote(PART_PATTERN));
            return Err(format!("{part} is an invalid component of {quoted}: platform specifier component must match {pattern}: {SUFFIX}"));
        }
        let os = normalize_os(os);
        let made = |os: &str, (architecture, variant): (String, String)| Self {
            os: os.into(),
            architecture,
            variant,
            os_version: os_version.into(),
        };
        let without_v7 =
            |(arch, variant): (String, String)| if arch == "arm" && variant == "v7" { (arch, String::new()) } else { (arch, variant) };
        match parts.as_slice() {
            [_] if is_known_os(&os) => Ok(made(&os, ("amd64".into(), String::new()))),
            [arch] => match without_v7(normalize_arch(arch, "")) {
                known if is_known_arch(&known.0) => Ok(made("linux", known)),
                _ => Err(format!("{quoted}: unknown operating system or architecture: {SUFFIX}")),
            },
            [_, arch] => Ok(made(&os, without_v7(normalize_arch(arch, "")))),
            [_, arch, variant] => match normalize_arch(arch, variant) {
                (arch, variant) if arch == "arm64" && variant.is_empty() => Ok(made(&os, (arch, "v8".into()))),
                other => Ok(made(&os, other)),
            },
            _ => Err(format!("{quoted}: cannot parse platform specifier: {SUFFIX}")),
        }
    }

    /// `platforms.Normalize`.
    pub fn normalize(&self) -> Self {
        let (architecture, variant) = normalize_arch(&self.architecture, &self.variant);
        Self { os: normalize_os(&self.os), architecture, variant, os_version: self.os_version.clone() }
    }

    /// `platforms.Format`: `linux/arm/v7`.
    pub fn format(&self) -> String {
        self.join(&self.os)
    }

    /// `platforms.FormatAll`: with the OS version, `windows(10.0.17763)/amd64`.
    pub fn format_all(&self) -> String {
        match self.os_version.as_str() {
            "" => self.join(&self.os),
            version => {
                let version = version.replace('%', "%25").replace('+', "%2B").replace('(', "%28").replace(')', "%29").replace('/', "%2F");
                self.join(&format!("{}({version})", self.os))
            }
        }
    }

    fn join(&self, os: &str) -> String {
        if self.os.is_empty() {
            return "unknown".into();
        }
        go::join_path(&go::join_path(os, &self.architecture), &self.variant)
    }
}

fn split_os(text: &str) -> Option<(&str, &str)> {
    let (os, options) = match text.split_once('(') {
        Some((os, rest)) => (os, rest.strip_suffix(')')?),
        None => (text, ""),
    };
    let is_os = !os.is_empty() && os.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let is_option = options.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.%-+".contains(&b));
    (is_os && is_option).then(|| (os, options.split('+').next().unwrap_or_default()))
}

fn is_part(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

fn normalize_os(os: &str) -> String {
    match os.lower().as_str() {
        "" => "linux".into(),
        "macos" => "darwin".into(),
        os => os.into(),
    }
}

fn normalize_arch(arch: &str, variant: &str) -> (String, String) {
    let (arch, variant) = (arch.lower(), variant.lower());
    let (arch, variant) = match (arch.as_str(), variant.as_str()) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
        ("x86_64" | "x86-64", variant) => ("amd64", variant),
        ("aarch64" | "arm64", "8" | "v8") => ("arm64", ""),
        ("aarch64", variant) => ("arm64", variant),
        ("armhf", _) => ("arm", "v7"),
        ("armel", _) => ("arm", "v6"),
        ("arm", "" | "7") => ("arm", "v7"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "6") => ("arm", "v6"),
        ("arm", "8") => ("arm", "v8"),
        other => other,
    };
    (arch.into(), variant.into())
}

fn is_known_os(os: &str) -> bool {
    const KNOWN: &str = " aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos ";
    KNOWN.contains(&format!(" {os} "))
}

fn is_known_arch(arch: &str) -> bool {
    const KNOWN: &str = " 386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 \
                         mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm ";
    KNOWN.contains(&format!(" {arch} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(Platform::parse(text).map_or_else(|e| e, |p| p.format_all()), expect, "{text}");
    }

    #[test]
    fn parses() {
        check("linux/amd64", "linux/amd64");
        check("arm64", "linux/arm64");
        check("windows", "windows/amd64");
        check("linux/arm/v7", "linux/arm/v7");
        check("linux/arm", "linux/arm");
        check("linux/arm64/8", "linux/arm64/v8");
        check("windows(10.0)/amd64", "windows(10.0)/amd64");
        check("toaster", "\"toaster\": unknown operating system or architecture: invalid argument");
        check("linux/*", "\"linux/*\": wildcards not yet supported: invalid argument");
    }
}
