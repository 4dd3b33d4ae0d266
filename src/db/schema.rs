//! Tables as diesel sees them; the same on both engines.

#![allow(missing_docs, reason = "columns are documented in the migrations")]

diesel::table! {
    devices (id) {
        id -> Text,
        tag -> Text,
        tag_fold -> Text,
        org -> Text,
        version -> BigInt,
        head_n -> BigInt,
        head_hash -> Text,
        merged_into -> Nullable<Text>,
        withdrawn -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    events (id) {
        id -> Text,
        device -> Text,
        n -> BigInt,
        payload -> Text,
        prev_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    event_private (event) {
        event -> Text,
        salt -> Text,
        payload -> Text,
    }
}

diesel::table! {
    erasures (id) {
        id -> Text,
        event -> Nullable<Text>,
        person -> Nullable<Text>,
        at -> Timestamp,
        reason -> Text,
    }
}

diesel::table! {
    ledger_checkpoints (id) {
        id -> Text,
        date -> Timestamp,
        devices -> BigInt,
        events -> BigInt,
        root -> Text,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        event -> Nullable<Text>,
        entry -> Nullable<Text>,
        entry_version -> Nullable<BigInt>,
        seq -> Nullable<BigInt>,
        numbered_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    books (device, book) {
        device -> Text,
        book -> BigInt,
        org -> Text,
        current -> Bool,
        shown -> Bool,
        withdrawn -> Bool,
        tag -> Text,
        name -> Nullable<Text>,
        category -> Nullable<Text>,
        manufacturer -> Nullable<Text>,
        model -> Nullable<Text>,
        serial -> Nullable<Text>,
        stage -> Text,
        data -> Text,
        presence -> Text,
        retired_on -> Nullable<Date>,
        site -> Nullable<Text>,
        holder -> Nullable<Text>,
        service -> Nullable<Text>,
        tenure -> Text,
        part_of -> Nullable<Text>,
        acquired_on -> Nullable<Date>,
        exit_kind -> Nullable<Text>,
        gone_on -> Nullable<Date>,
        updated_at -> Timestamp,
        from_n -> BigInt,
        to_n -> Nullable<BigInt>,
        state -> Text,
        facts -> Text,
        terms -> Text,
    }
}

diesel::table! {
    spells (device, book, valid_from) {
        device -> Text,
        book -> BigInt,
        org -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        stage -> Text,
        data -> Text,
        presence -> Text,
        retired_on -> Nullable<Date>,
        retired -> Bool,
        site -> Nullable<Text>,
        service -> Nullable<Text>,
        holder -> Nullable<Text>,
        tenure -> Text,
        part_of -> Nullable<Text>,
    }
}

diesel::table! {
    codes (device, kind, fold) {
        device -> Text,
        org -> Text,
        kind -> Text,
        value -> Text,
        fold -> Text,
        unique_key -> Nullable<Text>,
    }
}

diesel::table! {
    terms (term, device, org) {
        term -> Text,
        device -> Text,
        org -> Text,
    }
}

diesel::table! {
    exits (event) {
        event -> Text,
        device -> Text,
        book -> BigInt,
        org -> Text,
        exit -> Nullable<Text>,
        kind -> Text,
        on_day -> Date,
        partner -> Nullable<Text>,
        to_org -> Nullable<Text>,
        given_back_on -> Nullable<Date>,
        commitment_on -> Nullable<Date>,
        proof -> Nullable<Text>,
        proved_on -> Nullable<Date>,
        treatment -> Nullable<Text>,
        mass_g -> Nullable<BigInt>,
        unit_value_cents -> Nullable<BigInt>,
        data -> Text,
        overridden -> Bool,
    }
}

diesel::table! {
    repairs (device, id) {
        id -> Text,
        device -> Text,
        book -> BigInt,
        org -> Text,
        opened_on -> Date,
        sent_on -> Nullable<Date>,
        closed_on -> Nullable<Date>,
        outcome -> Nullable<Text>,
        provider -> Nullable<Text>,
        cost_cents -> Nullable<BigInt>,
    }
}

diesel::table! {
    wipes (event) {
        event -> Text,
        device -> Text,
        book -> BigInt,
        org -> Text,
        wipe -> Nullable<Text>,
        on_day -> Date,
        medium -> Nullable<Text>,
        method -> Text,
        technique -> Nullable<Text>,
        tool -> Nullable<Text>,
        verified -> Bool,
        evidence -> Nullable<Text>,
    }
}

diesel::table! {
    retirements (event) {
        event -> Text,
        device -> Text,
        book -> BigInt,
        org -> Text,
        on_day -> Date,
        reference -> Nullable<Text>,
        cause -> Text,
        proposed -> Bool,
    }
}

diesel::table! {
    entries (id) {
        id -> Text,
        kind -> Text,
        key -> Text,
        org -> Nullable<Text>,
        name -> Text,
        archived -> Bool,
        version -> BigInt,
        recorded_at -> Timestamp,
        payload -> Text,
    }
}

diesel::table! {
    entry_versions (entry, version) {
        entry -> Text,
        version -> BigInt,
        recorded_at -> Timestamp,
        payload -> Text,
    }
}

diesel::table! {
    organisations (id) {
        id -> Text,
        key -> Text,
        parent -> Nullable<Text>,
        path -> Text,
    }
}

diesel::table! {
    accounts (id) {
        id -> Text,
        name -> Text,
        password -> Nullable<Text>,
        role -> Text,
        org -> Nullable<Text>,
        created_at -> Timestamp,
        disabled_at -> Nullable<Timestamp>,
        totp -> Nullable<Text>,
        totp_step -> Nullable<BigInt>,
        language -> Nullable<Text>,
        must_change -> Bool,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        account -> Text,
        created_at -> Timestamp,
        seen_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    throttles (id) {
        id -> Text,
        failures -> BigInt,
        until -> Timestamp,
    }
}

diesel::table! {
    setup_codes (id) {
        id -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    readings (id) {
        id -> Text,
        actor -> Text,
        key -> Text,
        org -> Text,
        code -> Text,
        at -> Timestamp,
        act -> Text,
        why -> Text,
        problem -> Nullable<Text>,
        detail -> Nullable<Text>,
        device -> Nullable<Text>,
        holder -> Nullable<Text>,
        fields -> Text,
        settled -> Nullable<Text>,
        remark -> Nullable<Text>,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    views (id) {
        id -> Text,
        account -> Text,
        page -> Text,
        name -> Text,
        query -> Text,
    }
}

diesel::table! {
    tokens (id) {
        id -> Text,
        name -> Text,
        hash -> Text,
        role -> Text,
        org -> Nullable<Text>,
        created_by -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    audit (id) {
        id -> Text,
        at -> Timestamp,
        actor -> Text,
        org -> Nullable<Text>,
        action -> Text,
        subject -> Nullable<Text>,
        detail -> Text,
    }
}

diesel::table! {
    idempotency (actor, key) {
        actor -> Text,
        key -> Text,
        fingerprint -> Text,
        status -> Nullable<BigInt>,
        body -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    event_keys (actor, key) {
        actor -> Text,
        key -> Text,
        event -> Text,
        fingerprint -> Text,
    }
}

diesel::table! {
    imports (id) {
        id -> Text,
        org -> Text,
        actor -> Text,
        profile -> Text,
        filename -> Nullable<Text>,
        dry_run -> Bool,
        state -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        report -> Text,
    }
}

diesel::table! {
    import_sources (org, source) {
        org -> Text,
        source -> Text,
        device -> Text,
    }
}

diesel::table! {
    import_rows (import, line) {
        import -> Text,
        line -> BigInt,
        action -> Text,
        device -> Nullable<Text>,
        detail -> Text,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        owner -> Text,
        until -> Timestamp,
    }
}

diesel::table! {
    attachments (id) {
        id -> Text,
        org -> Text,
        kind -> Text,
        subject -> Text,
        person -> Nullable<Text>,
        filename -> Text,
        media -> Text,
        size -> BigInt,
        sha256 -> Text,
        created_at -> Timestamp,
        created_by -> Text,
        retained_until -> Nullable<Date>,
        gone -> Nullable<Text>,
        gone_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    attachment_parts (attachment, part) {
        attachment -> Text,
        part -> BigInt,
        bytes -> Binary,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    devices,
    attachments,
    attachment_parts,
    events,
    event_private,
    erasures,
    ledger_checkpoints,
    outbox,
    books,
    spells,
    codes,
    terms,
    exits,
    repairs,
    wipes,
    retirements,
    entries,
    entry_versions,
    organisations,
    accounts,
    tokens,
    audit,
    idempotency,
    event_keys,
    imports,
    import_rows,
    import_sources,
    leases,
    sessions,
    throttles,
    setup_codes,
    views,
    readings,
);

diesel::table! {
    secrets (name) {
        name -> Text,
        value -> Text,
    }
}
