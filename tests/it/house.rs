//! The rules of the house: arrows between floors, sizes, licences, words.
