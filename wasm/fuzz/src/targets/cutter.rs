//! Sources in any chunks at any times: the cutter says what the obvious one says, and every piece verifies and decrypts.

use ed25519_dalek::{Signer, SigningKey};
use shoal::cutter::Cutter;
use shoal::cutting::Event;
use shoal::mark::PreviousGroup;
use shoal::piece::{BODY_AT, Header, KEYFRAME, LAST, NO_TAG};
use shoal::seal::{Epoch, Sealer};

use crate::dice::Dice;
use crate::maker;
use crate::naive_cut::{NaiveCutter, Piece, Said};
use crate::pieces::{EPOCH, SECRET, SEED, STREAM, decrypt, key};

const MAX_DATA: usize = 11_000;

/// One case.
pub fn run(dice: &mut Dice, flawed: bool) {
    let mut bytes = maker::source(dice).bytes;
    if dice.one_in(3) {
        maker::damage(dice, &mut bytes);
    }
    let secret = (!dice.one_in(4)).then_some(SECRET);
    let marking = !dice.one_in(4);
    let signing = SigningKey::from_bytes(&SEED);
    let names = Epoch::new(STREAM, EPOCH);
    let sign = |previous: &PreviousGroup| signing.sign(&previous.signed_bytes(&STREAM, &EPOCH)).to_bytes();
    let mut model = NaiveCutter::new(&sign, EPOCH, marking, MAX_DATA);
    model.flawed = flawed;
    let mut cutter = Cutter::new(Sealer::new(names, &SEED, secret, 5), marking, MAX_DATA);
    let mut check = Check { names, signing: &signing, encrypted: secret.is_some(), sequence: 0, last: false };

    let mut now = 1_700_000_000_000.0;
    let chunks = dice.chunks(&bytes);
    // The model reads everything again at each push.
    let most = 60;
    let merged: Vec<Vec<u8>> =
        chunks.chunks(chunks.len().div_ceil(most).max(1)).map(|several| several.concat()).collect();
    for chunk in &merged {
        cutter.push(chunk, now).expect("a running cutter takes bytes");
        model.push(chunk, now);
        check.compare(&mut cutter, &mut model);
        now += dice.below_any(&[1, 30, 150]) as f64;
        if dice.one_in(3) {
            cutter.tick(now);
            model.tick(now);
        }
    }
    cutter.finish(now);
    model.finish(now);
    check.compare(&mut cutter, &mut model);
    assert!(check.last && cutter.push(b"x", now).is_err() && cutter.next_event().is_none());
}

struct Check<'a> {
    names: Epoch,
    signing: &'a SigningKey,
    encrypted: bool,
    sequence: u32,
    last: bool,
}

impl Check<'_> {
    fn compare(&mut self, cutter: &mut Cutter, model: &mut NaiveCutter) {
        let mut said = Vec::new();
        while let Some(event) = cutter.next_event() {
            said.push(match event {
                Event::Prelude(bytes) => Said::Prelude(bytes),
                Event::Fault(fault, skipped) => Said::Fault(fault, skipped),
                Event::Piece { wire, clear } => Said::Piece(self.piece(&wire, clear)),
            });
        }
        let wanted = model.take_said();
        for (said, wanted) in said.iter().zip(&wanted) {
            assert!(said == wanted, "said {said:.400?}\nwanted {wanted:.400?}");
        }
        assert_eq!(said.len(), wanted.len());
    }

    fn piece(&mut self, wire: &[u8], clear: Vec<u8>) -> Piece {
        assert!(self.names.verify(&self.signing.verifying_key(), wire), "the signature is good");
        assert!(!self.last, "nothing follows the last piece");
        let header = Header::of_piece(wire).expect("the header is possible");
        assert_eq!((header.sequence, header.generation), (self.sequence, 5));
        assert_eq!((header.epoch_tag, header.encrypted()), (self.names.tag, self.encrypted));
        self.sequence += 1;
        self.last = header.flags & LAST != 0;
        let body = &wire[BODY_AT..];
        let body = if self.encrypted { decrypt(header.sequence, &key(5), body) } else { body.to_vec() };
        assert!(body == clear, "the body decrypts to the clear bytes");
        Piece {
            body,
            keyframe: header.flags & KEYFRAME != 0,
            dts: header.dts_ms,
            cut_ms: header.cut_ms,
            tag_start: (header.tag_start != NO_TAG).then_some(usize::from(header.tag_start)),
            offset: usize::from(header.group_offset),
        }
    }
}
