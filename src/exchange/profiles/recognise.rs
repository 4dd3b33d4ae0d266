//! Which tool wrote a table, by its headers.

use std::collections::HashSet;

use super::Profile;
use super::vocabulary::header_form;

/// Which tool's export the headers are.
pub(super) fn recognise(forms: &HashSet<String>) -> Profile {
    let has = |form: &str| forms.contains(form);
    let form = |text: &str| header_form(text);
    let any = |texts: &[&str]| texts.iter().any(|t| forms.contains(&form(t)));
    if any(&["nomEquipementPhysique"]) {
        return Profile::NumEcoEval;
    }
    if any(&["PHID", "DHID", "Placeholder Serial Number", "Registered in"]) {
        return Profile::Ereuse;
    }
    if any(&["barcode", "sn"])
        && any(&[
            "service_env",
            "service_env_str",
            "niw",
            "force_depreciation",
        ])
    {
        return Profile::Ralph;
    }
    if has("asset tag")
        && any(&[
            "Checkout Type",
            "Checked Out To: Username",
            "Model Number",
            "Model Name",
            "Item Name",
            "Warranty Months",
            "Company",
        ])
        && any(&["Item Name", "Name"])
    {
        return Profile::SnipeIt;
    }
    let marks = [
        "Système d'exploitation - Nom",
        "Operating System - Name",
        "Sistema operativo - Nombre",
        "Dernière modification",
        "Last update",
        "Última actualización",
        "Composants - Processeur",
        "Components - Processor",
        "Entité",
        "Entity",
        "Entidad",
        "Usager",
        "Otherserial",
        "Groupe technique",
    ];
    let named = any(&["Nom", "Name", "Nombre"]);
    let french_default = ["Nom", "Statut", "Fabricant", "Numéro de série", "Modèle"]
        .iter()
        .all(|t| forms.contains(&form(t)));
    if named && (any(&marks) || french_default) {
        return Profile::Glpi;
    }
    Profile::Csv
}
