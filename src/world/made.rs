//! Images of the catalogue that were made lately.

use std::cell::RefCell;
use std::rc::Rc;

use super::catalogue;
use crate::image::Image;

/// How many are kept: those of a file, and what its names were while they were typed.
const KEPT: usize = 12;

/// Remembers images, for making one takes longer than all else that an editor asks. Clones share; what is asked twice has one answer, so
/// nobody can tell whether it was remembered.
#[derive(Debug, Clone, Default)]
pub struct Made(Rc<RefCell<Vec<(String, Image)>>>);

impl Made {
    /// The image of the catalogue with this reference.
    pub fn image(&self, reference: &str) -> Option<Image> {
        let mut made = self.0.borrow_mut();
        let known = made.iter().position(|(known, _)| known == reference).map(|at| made.remove(at));
        let (name, image) = known.or_else(|| Some((reference.to_owned(), catalogue(reference)?)))?;
        if made.len() >= KEPT {
            made.remove(0);
        }
        // Last is what was asked last.
        made.push((name, image.clone()));
        Some(image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_lately_is_kept() {
        let made = Made::default();
        let alpine = made.image("docker.io/library/alpine:3.20").map(|image| image.digest);
        assert!(alpine.is_some() && made.image("nope:1").is_none());
        for tag in 0..KEPT {
            made.clone().image(&format!("busybox:1.{tag}"));
            assert_eq!(made.image("docker.io/library/alpine:3.20").map(|image| image.digest), alpine);
        }
        assert!((2..=KEPT).contains(&made.0.borrow().len()));
    }
}
