//! The records that an awk program reads.

use std::rc::Rc;

use super::{ARGC, ARGV, Awk, Cell, FILENAME, FNR, Flow, NR, RS, Ran};
use crate::machine::errno;
use crate::machine::tools::awk::input::{Separator, Source};
use crate::machine::tools::awk::output::capture;
use crate::machine::tools::awk::tree::Expr;
use crate::machine::tools::awk::value::Value;

impl Awk<'_, '_> {
    fn separator(&mut self) -> Ran<Separator> {
        let text = self.special(RS);
        Ok(match text.as_ref() {
            [] => Separator::Paragraph,
            [byte] => Separator::Byte(*byte),
            _ => Separator::Match(self.regex(&text)?),
        })
    }

    /// The next record of the operands' files.
    pub(super) fn read_main(&mut self) -> Ran<Option<Vec<u8>>> {
        loop {
            if !self.p.burn(5) {
                return Err(Flow::Exit);
            }
            if self.main.is_none() && !self.open_next()? {
                return Ok(None);
            }
            let separator = self.separator()?;
            let Some(source) = &mut self.main else { return Ok(None) };
            match source.next(self.p, &separator) {
                Some(record) => {
                    for slot in [NR, FNR] {
                        let count = self.global(slot).number() + 1.0;
                        self.globals[slot] = Cell::Value(Value::Number(count));
                    }
                    return Ok(Some(record));
                }
                None => self.main = None,
            }
        }
    }

    fn open_next(&mut self) -> Ran<bool> {
        loop {
            let count = self.global(ARGC).number() as usize;
            if self.next_arg >= count {
                let first = !self.any_file;
                self.any_file = true;
                self.main = first.then(Source::stdin);
                return Ok(first);
            }
            let key: Rc<[u8]> = self.next_arg.to_string().into_bytes().into();
            self.next_arg += 1;
            let Cell::Array(argv) = &self.globals[ARGV] else { return Ok(false) };
            let arg = if argv.borrow().has(&key) { argv.borrow_mut().entry(&key).clone() } else { Value::Unset };
            let name = String::from_utf8_lossy(&self.text_of(&arg)).into_owned();
            if name.is_empty() || self.assign_text(&name) {
                continue;
            }
            self.any_file = true;
            let opened = match name.as_str() {
                "-" | "/dev/stdin" => Ok(Source::stdin()),
                name if self.p.is_dir(name) => Err(crate::filesystem::Errno::IsADirectory),
                name => self.p.read(name).map(Source::of),
            };
            match opened {
                Ok(source) => {
                    self.main = Some(source);
                    self.globals[FILENAME] = Cell::Value(Value::text(name.as_bytes()));
                    self.globals[FNR] = Cell::Value(Value::Number(0.0));
                    return Ok(true);
                }
                Err(e) => {
                    let busybox = self.p.busybox();
                    self.status = if busybox { 1 } else { 2 };
                    let why = errno::text(e);
                    if busybox && e == crate::filesystem::Errno::IsADirectory {
                        return Err(self.fail(why));
                    }
                    if busybox {
                        return Err(self.die(&format!("{name}: {why}")));
                    }
                    self.p.fail(&format!("cannot open {name} ({why})"));
                }
            }
        }
    }

    pub(super) fn getline(&mut self, kind: u8, from: Option<&Expr>, target: Option<&Expr>) -> Ran<Value> {
        let (record, main) = match from {
            None => (self.read_main()?, true),
            Some(from) => {
                let name = String::from_utf8_lossy(&self.text(from)?).into_owned();
                if !self.inputs.contains_key(&name) {
                    self.outputs.flush(self.p);
                    let source = match kind {
                        b'|' => {
                            let (data, status) = capture(self.p, &name);
                            self.statuses.insert(name.clone(), status);
                            Source::of(data)
                        }
                        _ if name == "-" && !self.p.busybox() || name == "/dev/stdin" => Source::stdin(),
                        _ if self.p.is_dir(&name) => return Ok(Value::Number(-1.0)),
                        _ => match self.p.read(&name) {
                            Ok(data) => Source::of(data),
                            Err(_) => return Ok(Value::Number(-1.0)),
                        },
                    };
                    self.inputs.insert(name.clone(), source);
                }
                let separator = self.separator()?;
                let Some(source) = self.inputs.get_mut(&name) else { return Ok(Value::Number(-1.0)) };
                (source.next(self.p, &separator), false)
            }
        };
        let Some(record) = record else { return Ok(Value::Number(0.0)) };
        if !main && kind == b'|' {
            let count = self.global(NR).number() + 1.0;
            self.globals[NR] = Cell::Value(Value::Number(count));
        }
        match target {
            Some(place) => self.store(place, Value::outside(&record))?,
            None => self.set_record(record),
        }
        Ok(Value::Number(1.0))
    }

    /// Ends reading from `name`; whether it was read from.
    pub fn close_input(&mut self, name: &str) -> bool {
        self.inputs.remove(name).is_some()
    }
}
