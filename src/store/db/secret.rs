//! Random secrets, which are stored as hashes.

use sha2::{Digest as _, Sha256};

use crate::store::StoreError;

/// Characters after the prefix: 43 out of an alphabet of 62 have 256 bits.
const RANDOM_CHARACTERS: usize = 43;

/// SHA-256 is enough for 256 random bits, which cannot be searched.
pub(in crate::store) fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// A new secret that begins with `prefix`. It has only letters and digits, because `watson config` does
/// not accept a value that begins with `-`.
pub(in crate::store) fn random(prefix: &str) -> Result<String, StoreError> {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let length = prefix.len() + RANDOM_CHARACTERS;
    let mut token = String::with_capacity(length);
    token.push_str(prefix);
    while token.len() < length {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).map_err(StoreError::NoRandomness)?;
        // 248 is a multiple of 62, so every character is equally likely.
        let random = bytes
            .iter()
            .filter(|byte| **byte < 248)
            .map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        token.extend(random.take(length - token.len()));
    }
    Ok(token)
}
