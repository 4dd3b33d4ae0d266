//! The words of the ledger as closed lists: stages, axes, event kinds, exit kinds, causes.
//!
//! Each list is read and written as snake_case text; an unknown word is refused with the words that can be used.

/// Defines an enum of words with text, list, parser and serde.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* #[doc = $text] $variant),* }

        impl $name {
            /// Every word, in the order of the design.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// The word as written.
            pub const fn as_str(self) -> &'static str { match self { $($name::$variant => $text),* } }
            /// Reads the word.
            ///
            /// # Errors
            /// A sentence that lists the words.
            pub fn parse(text: &str) -> std::result::Result<Self, String> {
                match text {
                    $($text => Ok($name::$variant),)*
                    _ => Err(format!("“{}” is none of: {}", text.chars().take(40).collect::<String>(), [$($text),*].join(", "))),
                }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> { s.serialize_str(self.as_str()) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
                $crate::domain::text::parsed(d, $name::parse)
            }
        }
    };
}

pub(crate) use words;

words! {
    /// Where the events have brought the device.
    Stage {
        Ordered = "ordered", InStock = "in_stock", InUse = "in_use", InRepair = "in_repair", Refurbishing = "refurbishing",
        Retired = "retired", Oriented = "oriented", Gone = "gone", Withdrawn = "withdrawn",
    }
}

impl Stage {
    /// The device is ours to act on: everything between reception and exit.
    pub const LIVE: &'static [Stage] = &[
        Stage::InStock,
        Stage::InUse,
        Stage::InRepair,
        Stage::Refurbishing,
        Stage::Retired,
        Stage::Oriented,
    ];
    /// See [`Stage::LIVE`].
    pub fn is_live(self) -> bool {
        Stage::LIVE.contains(&self)
    }
}

words! {
    /// What the storage media of the device hold. The order is from worst to best for an exit, `none` apart.
    Data { None = "none", Holds = "holds", Cleared = "cleared", Purged = "purged", Destroyed = "destroyed" }
}
words! {
    /// Whether the device has been seen where it should be.
    Presence { Seen = "seen", Missing = "missing", Stolen = "stolen" }
}
words! {
    /// Kinds of events (ledger, stage table).
    Kind {
        Adopt = "adopt", Order = "order", Receive = "receive", Describe = "describe", Prepare = "prepare",
        Allocate = "allocate", Deallocate = "deallocate", Loan = "loan", Return = "return", Move = "move",
        ReportFault = "report_fault", SendToRepair = "send_to_repair", CloseRepair = "close_repair",
        Refurbish = "refurbish", Ready = "ready", Harvest = "harvest", Fit = "fit", Wipe = "wipe",
        Audit = "audit", MarkMissing = "mark_missing", Find = "find", ReportStolen = "report_stolen",
        ProposeRetirement = "propose_retirement", Retire = "retire", Reinstate = "reinstate",
        Orient = "orient", CancelOrientation = "cancel_orientation", HandOver = "hand_over", GiveBack = "give_back",
        Prove = "prove", ConfirmTreatment = "confirm_treatment", Observe = "observe",
        Merge = "merge", Absorb = "absorb", Withdraw = "withdraw", Correct = "correct",
    }
}

impl Kind {
    /// Corrections of knowledge: true for every `as_of`, only `known_at` goes back before them.
    pub fn is_correction(self) -> bool {
        matches!(
            self,
            Kind::Correct | Kind::Withdraw | Kind::Merge | Kind::Absorb
        )
    }
    /// May open the books of a device.
    pub fn is_opening(self) -> bool {
        matches!(self, Kind::Adopt | Kind::Order | Kind::Receive)
    }
}

words! {
    /// How a device leaves; one list for `orient.destination` and `exit_kind`.
    ExitKind {
        Transfer = "transfer", Donation = "donation", StaffGift = "staff_gift", Sale = "sale", TakeBack = "take_back",
        Collection = "collection", LeaseReturn = "lease_return", WarrantyExchange = "warranty_exchange", WriteOff = "write_off",
    }
}

impl ExitKind {
    /// The last three kinds need no réforme, may leave from any live stage, and stay outside L01.
    pub fn needs_retirement(self) -> bool {
        !matches!(
            self,
            ExitKind::LeaseReturn | ExitKind::WarrantyExchange | ExitKind::WriteOff
        )
    }
    /// Kinds that name who takes the device.
    pub fn needs_taker(self) -> bool {
        matches!(
            self,
            ExitKind::Transfer
                | ExitKind::Donation
                | ExitKind::Sale
                | ExitKind::TakeBack
                | ExitKind::Collection
        )
    }
}

words! {
    /// Why a device is retired.
    Cause {
        Failure = "failure", Damage = "damage", Obsolete = "obsolete", EndOfSupport = "end_of_support", Surplus = "surplus",
        LeaseEnd = "lease_end", Lost = "lost", Stolen = "stolen", Other = "other", Unknown = "unknown",
    }
}
words! {
    /// How the device came into the books.
    Acquisition {
        Purchase = "purchase", Lease = "lease", GiftStatePlatform = "gift_state_platform", Gift = "gift",
        Transfer = "transfer", Found = "found", Unknown = "unknown",
    }
}
words! {
    /// Condition at acquisition.
    Condition { New = "new", Refurbished = "refurbished", SecondHand = "second_hand", Unknown = "unknown" }
}
words! {
    /// By what right the device is held.
    Tenure { Owned = "owned", Leased = "leased", LentToUs = "lent_to_us", Personal = "personal" }
}
words! {
    /// Erasure method (NIST SP 800-88).
    WipeMethod { Clear = "clear", Purge = "purge", Destroy = "destroy" }
}
words! {
    /// Yes, no, not known.
    Known { Yes = "yes", No = "no", Unknown = "unknown" }
}
words! {
    /// Outcomes of repairs, proofs and treatments; each event kind takes its own part of the list.
    Outcome {
        Fixed = "fixed", Repairable = "repairable", EndOfLife = "end_of_life",
        Reuse = "reuse", NotReuse = "not_reuse",
        Recycling = "recycling", Energy = "energy", Disposal = "disposal", Unknown = "unknown",
    }
}
words! {
    /// What an account or a token may do; each role's rights: `app::permission`.
    Role {
        Viewer = "viewer", Technician = "technician", Procurement = "procurement", Manager = "manager",
        Administrator = "administrator",
    }
}
words! {
    /// Kinds of codes by which a device can be found beside its tag.
    CodeKind {
        Serial = "serial", Uuid = "uuid", Imei = "imei", Mac = "mac", AssetTag = "asset_tag", Agent = "agent", Url = "url", Other = "other",
    }
}
