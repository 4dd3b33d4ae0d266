//! People: seen by few, known by keys that say nothing, erased on request.

use super::Right;
use super::entries::Table;
use crate::domain::person::Person;

impl Table for Person {
    const READ: Right = Right::People;
    const WRITE: Right = Right::People;
    const RANDOM_KEY: bool = true;
}
