//! Objects by number. A number is used once: after an object is freed, its number means nothing.

use crate::fault::Failure;

const PLACE_BITS: u32 = 10;
/// Objects of one kind that can exist at once.
pub const OBJECTS_MAX: usize = 1 << PLACE_BITS;
const USES_MAX: u32 = (1 << (31 - PLACE_BITS)) - 1;

struct Place<T> {
    /// How often the place was given out.
    uses: u32,
    object: Option<Box<T>>,
}

/// A table of objects of one kind.
pub struct Handles<T> {
    places: Vec<Place<T>>,
}

impl<T> Handles<T> {
    /// An empty table.
    pub const fn new() -> Self {
        Self { places: Vec::new() }
    }

    /// Keeps an object and names it; the name is positive.
    pub fn insert(&mut self, object: T) -> Result<i32, Failure> {
        let vacant = self.places.iter().position(|place| place.object.is_none() && place.uses < USES_MAX);
        let index = match vacant {
            Some(index) => index,
            None if self.places.len() < OBJECTS_MAX => {
                self.places.push(Place { uses: 0, object: None });
                self.places.len() - 1
            }
            None => return Err(Failure::OutOfMemory),
        };
        let place = self.places.get_mut(index).ok_or(Failure::OutOfMemory)?;
        place.uses += 1;
        place.object = Some(Box::new(object));
        Ok((place.uses << PLACE_BITS) as i32 | index as i32)
    }

    /// The object of a name.
    pub fn get(&mut self, handle: i32) -> Result<&mut T, Failure> {
        self.place(handle)?.object.as_deref_mut().ok_or(Failure::BadHandle)
    }

    /// Frees an object.
    pub fn remove(&mut self, handle: i32) -> Result<(), Failure> {
        self.place(handle)?.object.take().map(drop).ok_or(Failure::BadHandle)
    }

    fn place(&mut self, handle: i32) -> Result<&mut Place<T>, Failure> {
        let index = handle as usize & (OBJECTS_MAX - 1);
        let place = self.places.get_mut(index).ok_or(Failure::BadHandle)?;
        if handle <= 0 || handle as u32 >> PLACE_BITS != place.uses {
            return Err(Failure::BadHandle);
        }
        Ok(place)
    }
}

impl<T> Default for Handles<T> {
    fn default() -> Self {
        Self::new()
    }
}
