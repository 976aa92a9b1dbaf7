//! A handle means one object, once.

use shoal::fault::Failure;
use shoal::handles::{Handles, OBJECTS_MAX};

#[test]
fn a_freed_handle_means_nothing_even_when_its_place_is_taken_again() {
    let mut handles = Handles::new();
    let old = handles.insert("old").unwrap();
    assert!(old > 0);
    handles.remove(old).unwrap();
    let new = handles.insert("new").unwrap();
    assert_ne!(old, new);
    assert_eq!(handles.get(old), Err(Failure::BadHandle));
    assert_eq!(handles.remove(old), Err(Failure::BadHandle));
    assert_eq!(handles.get(new), Ok(&mut "new"));
}

#[test]
fn made_up_handles_are_refused() {
    let mut handles = Handles::<u8>::new();
    let one = handles.insert(1).unwrap();
    for handle in [0, -1, i32::MIN, i32::MAX, one + 1, one + OBJECTS_MAX as i32] {
        assert_eq!(handles.get(handle), Err(Failure::BadHandle), "{handle}");
    }
}

#[test]
fn there_is_a_limit_and_places_are_used_again() {
    let mut handles = Handles::new();
    let all: Vec<i32> = (0..OBJECTS_MAX).map(|n| handles.insert(n).unwrap()).collect();
    assert_eq!(handles.insert(0), Err(Failure::OutOfMemory));
    handles.remove(all[7]).unwrap();
    assert!(handles.insert(0).is_ok());
}
