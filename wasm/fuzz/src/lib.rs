//! Fuzz targets for the byte core. A target makes a case from dice, runs it through the core and through a slow obvious
//! model, and panics where they differ. The same targets run as property tests with fixed seeds.

pub mod dice;
pub mod maker;
pub mod naive_cut;
pub mod naive_facts;
pub mod naive_scan;
pub mod naive_sei;
pub mod naive_store;
pub mod pieces;
pub mod targets;
