//! Statements as they run.

use super::{Awk, Flow, OFMT, OFS, ORS, Ran};
use crate::machine::errno;
use crate::machine::tools::awk::tree::{Expr, Stmt};
use crate::machine::tools::awk::value::Value;

impl Awk<'_, '_> {
    pub(super) fn run(&mut self, statement: &Stmt) -> Ran<()> {
        if !self.p.burn(3) {
            return Err(Flow::Exit);
        }
        match statement {
            Stmt::Expr(expr) => self.eval(expr).map(|_| ()),
            Stmt::Print(args, to) => {
                let mut text = Vec::new();
                if args.is_empty() {
                    text.extend_from_slice(&self.whole()?);
                }
                let (between, format) = (self.special(OFS), self.special(OFMT));
                for (i, arg) in args.iter().enumerate() {
                    if i > 0 {
                        text.extend_from_slice(&between);
                    }
                    let value = match self.eval(arg) {
                        Ok(value) => value,
                        Err(flow) => {
                            // busybox has already written what stands before.
                            if self.p.busybox() && matches!(flow, Flow::Fail(_)) {
                                self.write(&text, to)?;
                            }
                            return Err(flow);
                        }
                    };
                    text.extend_from_slice(&value.bytes(&format, self.p.busybox()));
                }
                text.extend_from_slice(&self.special(ORS));
                self.write(&text, to)
            }
            Stmt::Printf(args, _) if args.is_empty() && self.p.busybox() => Ok(()),
            Stmt::Printf(args, to) => {
                let text = self.format(args)?;
                self.write(&text, to)
            }
            Stmt::If(condition, then, other) => {
                if self.truth(condition)? {
                    self.run(then)
                } else {
                    other.as_ref().map_or(Ok(()), |o| self.run(o))
                }
            }
            Stmt::While(condition, body) => {
                while self.truth(condition)? && self.round(body)? {}
                Ok(())
            }
            Stmt::Do(body, condition) => {
                while self.round(body)? && self.truth(condition)? {}
                Ok(())
            }
            Stmt::For(first, condition, step, body) => {
                first.as_ref().map_or(Ok(()), |f| self.run(f))?;
                while condition.as_ref().map_or(Ok(true), |c| self.truth(c))? && self.round(body)? {
                    step.as_ref().map_or(Ok(()), |s| self.run(s))?;
                }
                Ok(())
            }
            Stmt::ForIn(var, array, body) => {
                let array = self.array(*array);
                let keys = array.borrow().keys();
                for key in keys {
                    self.set(*var, Value::outside(&key))?;
                    if !self.round(body)? {
                        break;
                    }
                }
                Ok(())
            }
            Stmt::Block(body) => body.iter().try_for_each(|s| self.run(s)),
            Stmt::Next => Err(Flow::Next),
            Stmt::NextFile => Err(Flow::NextFile),
            Stmt::Exit(value) => {
                if let Some(value) = value {
                    self.status = self.number(value)? as i32 & 255;
                }
                Err(Flow::Exit)
            }
            Stmt::Return(value) => {
                let value = value.as_ref().map_or(Ok(Value::Unset), |v| self.eval(v))?;
                Err(Flow::Return(value))
            }
            Stmt::Break => Err(Flow::Break),
            Stmt::Continue => Err(Flow::Continue),
            Stmt::Delete(slot, index) => {
                let key = index.as_ref().map(|i| self.key(i)).transpose()?;
                let array = self.array(*slot);
                match key {
                    Some(key) => array.borrow_mut().remove(&key),
                    None => array.borrow_mut().clear(),
                }
                Ok(())
            }
        }
    }

    /// The body of a loop once; `false`: `break`.
    fn round(&mut self, body: &Stmt) -> Ran<bool> {
        match self.run(body) {
            Ok(()) | Err(Flow::Continue) => Ok(self.p.burn(1)),
            Err(Flow::Break) => Ok(false),
            Err(flow) => Err(flow),
        }
    }

    fn write(&mut self, text: &[u8], to: &Option<(&'static str, Expr)>) -> Ran<()> {
        let Some((mark, name)) = to else {
            self.p.out(text);
            return if self.p.alive() { Ok(()) } else { Err(Flow::Exit) };
        };
        let name = String::from_utf8_lossy(&self.text(name)?).into_owned();
        self.outputs.write(self.p, mark, &name, text).map_err(|e| {
            let text = format!("can't open '{name}': {}", errno::text(e));
            self.p.fail(&text);
            self.status = 1;
            Flow::Exit
        })
    }
}
