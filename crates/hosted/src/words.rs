//! What the pages say around the texts of a template, in each language they know: a table.

/// Makes the struct of all words and its value in each language.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $en:literal | $de:literal | $es:literal | $fr:literal;)*) => {
        /// What the pages say, in one language. `{}` is where something is put in.
        #[derive(Debug)]
        pub struct Words {
            $($(#[$doc])* pub $name: &'static str,)*
        }

        const EN: Words = Words { $($name: $en,)* };
        const DE: Words = Words { $($name: $de,)* };
        const ES: Words = Words { $($name: $es,)* };
        const FR: Words = Words { $($name: $fr,)* };

        #[cfg(test)]
        impl Words {
            /// Every word with its name.
            fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

words! {
    /// The code of the language.
    code: "en" | "de" | "es" | "fr";
    /// The name of the choice of languages.
    language: "Language" | "Sprache" | "Idioma" | "Langue";
    /// The button that takes the choice of a language.
    change_language: "Change" | "Ändern" | "Cambiar" | "Changer";
    /// The button that goes on.
    next: "Continue" | "Weiter" | "Continuar" | "Continuer";
    /// Where a page stands among others.
    step_of: "Step {} of {}" | "Schritt {} von {}" | "Paso {} de {}" | "Étape {} sur {}";
    /// Leads past everything to the content.
    skip: "Skip to content" | "Zum Inhalt springen" | "Saltar al contenido" | "Aller au contenu";
    /// Beside what may be left blank.
    optional: "optional" | "optional" | "opcional" | "facultatif";
    /// The first entry of a list of options.
    choose: "Please choose" | "Bitte wählen" | "Elija una opción" | "Veuillez choisir";

    /// The title of what is wrong.
    fault_title: "Please check your answers" | "Bitte prüfen Sie Ihre Angaben" | "Revise sus respuestas" | "Veuillez vérifier vos réponses";
    /// What stands before the title of a page with faults.
    fault_prefix: "Error" | "Fehler" | "Error" | "Erreur";
    /// Nothing was given.
    required: "Please fill this in." | "Bitte ausfüllen." | "Complete este campo." | "Veuillez remplir ce champ.";
    /// No option was chosen.
    pick_one: "Please choose one of the options." | "Bitte wählen Sie eine der Möglichkeiten." | "Elija una de las opciones." | "Veuillez choisir l’une des options.";
    /// Not a date, or not within its limits.
    bad_date: "Please enter a valid date." | "Bitte geben Sie ein gültiges Datum ein." | "Introduzca una fecha válida." | "Veuillez saisir une date valide.";
    /// A date before the earliest.
    date_from: "The date must not be before {}." | "Das Datum darf nicht vor dem {} liegen." | "La fecha no puede ser anterior al {}." | "La date ne peut pas être antérieure au {}.";
    /// A date after the latest.
    date_to: "The date must not be after {}." | "Das Datum darf nicht nach dem {} liegen." | "La fecha no puede ser posterior al {}." | "La date ne peut pas être postérieure au {}.";
    /// Not an address.
    bad_email: "Please enter an e-mail address like name@example.com." | "Bitte geben Sie eine E-Mail-Adresse wie name@example.com ein." | "Introduzca una dirección como nombre@example.com." | "Veuillez saisir une adresse comme nom@example.com.";
    /// Not a number of a phone.
    bad_phone: "Please enter a phone number with its country code, like +44 20 7946 0000." | "Bitte geben Sie eine Nummer mit Ländervorwahl ein, etwa +49 30 901820." | "Introduzca un número con prefijo internacional, como +34 91 123 45 67." | "Veuillez saisir un numéro avec l’indicatif du pays, comme +33 1 99 00 12 34.";
    /// Not a number.
    bad_number: "Please enter a number that is within the limits." | "Bitte geben Sie eine Zahl innerhalb der Grenzen ein." | "Introduzca un número dentro de los límites." | "Veuillez saisir un nombre dans les limites.";
    /// Not a whole number.
    bad_integer: "Please enter a whole number that is within the limits." | "Bitte geben Sie eine ganze Zahl innerhalb der Grenzen ein." | "Introduzca un número entero dentro de los límites." | "Veuillez saisir un nombre entier dans les limites.";
    /// Too many characters.
    too_long: "Please enter at most {} characters." | "Bitte geben Sie höchstens {} Zeichen ein." | "Introduzca como máximo {} caracteres." | "Veuillez saisir {} caractères au plus.";
    /// Was written once and for all.
    settled: "This can no longer be changed." | "Das lässt sich nicht mehr ändern." | "Esto ya no se puede cambiar." | "Ceci ne peut plus être modifié.";
    /// Anything else that is wrong.
    bad_value: "Please check this answer." | "Bitte prüfen Sie diese Angabe." | "Revise esta respuesta." | "Veuillez vérifier cette réponse.";

    /// The title of a page for a code, if the template has none.
    code_title: "Enter the code" | "Code eingeben" | "Introduzca el código" | "Saisissez le code";
    /// The input of a code.
    code_label: "Code" | "Code" | "Código" | "Code";
    /// What a code looks like.
    code_hint: "Six digits" | "Sechs Ziffern" | "Seis dígitos" | "Six chiffres";
    /// Where a code went.
    code_sent: "We sent a code to {}." | "Wir haben einen Code an {} gesendet." | "Hemos enviado un código a {}." | "Nous avons envoyé un code à {}.";
    /// The button under a code.
    code_confirm: "Confirm" | "Bestätigen" | "Confirmar" | "Confirmer";
    /// A wrong code.
    code_wrong: "This code is not right. Tries left: {}." | "Dieser Code stimmt nicht. Verbleibende Versuche: {}." | "Este código no es correcto. Intentos restantes: {}." | "Ce code n’est pas le bon. Essais restants : {}.";
    /// A code that came too late.
    code_expired: "This code has expired. Please ask for a new one." | "Dieser Code ist abgelaufen. Bitte fordern Sie einen neuen an." | "Este código ha caducado. Solicite uno nuevo." | "Ce code a expiré. Veuillez en demander un nouveau.";
    /// A code that was tried too often.
    code_spent: "This code was tried too often. Please ask for a new one." | "Dieser Code wurde zu oft versucht. Bitte fordern Sie einen neuen an." | "Este código se ha probado demasiadas veces. Solicite uno nuevo." | "Ce code a été essayé trop souvent. Veuillez en demander un nouveau.";
    /// The button that sends the first code.
    code_send: "Send the code" | "Code senden" | "Enviar el código" | "Envoyer le code";
    /// The button that sends another code.
    code_resend: "Send a new code" | "Neuen Code senden" | "Enviar un código nuevo" | "Envoyer un nouveau code";
    /// Too early for another code.
    code_wait: "You can ask for a new code in {} seconds." | "Einen neuen Code können Sie in {} Sekunden anfordern." | "Podrá solicitar un código nuevo en {} segundos." | "Vous pourrez demander un nouveau code dans {} secondes.";
    /// No more codes.
    code_no_more: "No more codes can be sent." | "Es können keine weiteren Codes gesendet werden." | "No se pueden enviar más códigos." | "Aucun autre code ne peut être envoyé.";
    /// The code of a sandbox.
    code_sandbox: "Sandbox: nothing is sent. The code is {}." | "Sandbox: Es wird nichts gesendet. Der Code ist {}." | "Entorno de pruebas: no se envía nada. El código es {}." | "Bac à sable : rien n’est envoyé. Le code est {}.";
    /// Leads to the input of another address.
    change_address: "Use another address" | "Andere Adresse verwenden" | "Usar otra dirección" | "Utiliser une autre adresse";
    /// Leads to the input of another number.
    change_phone: "Use another number" | "Andere Nummer verwenden" | "Usar otro número" | "Utiliser un autre numéro";
    /// An address.
    address_label: "E-mail address" | "E-Mail-Adresse" | "Correo electrónico" | "Adresse e-mail";
    /// A number.
    phone_label: "Phone number" | "Telefonnummer" | "Número de teléfono" | "Numéro de téléphone";

    /// The title of a page for a document, if the template has none.
    document_title: "Upload a document" | "Dokument hochladen" | "Suba un documento" | "Envoyez un document";
    /// One of several files.
    file_label: "File {}" | "Datei {}" | "Archivo {}" | "Fichier {}";
    /// The only file.
    file_only: "File" | "Datei" | "Archivo" | "Fichier";
    /// What files are accepted.
    file_hint: "{}, at most {} MB" | "{}, höchstens {} MB" | "{}, {} MB como máximo" | "{}, {} Mo au plus";
    /// The button that hands files in.
    upload: "Upload" | "Hochladen" | "Subir" | "Envoyer";
    /// No file was chosen.
    file_missing: "Please choose a file." | "Bitte wählen Sie eine Datei." | "Elija un archivo." | "Veuillez choisir un fichier.";
    /// Not an accepted type.
    file_type: "This kind of file is not accepted. Accepted are: {}." | "Diese Art von Datei wird nicht angenommen. Angenommen werden: {}." | "Este tipo de archivo no se acepta. Se aceptan: {}." | "Ce type de fichier n’est pas accepté. Types acceptés : {}.";
    /// Too many bytes.
    file_large: "This file is too large. The limit is {} MB." | "Diese Datei ist zu groß. Die Grenze liegt bei {} MB." | "Este archivo es demasiado grande. El límite es de {} MB." | "Ce fichier est trop volumineux. La limite est de {} Mo.";
    /// No bytes, or too few to be what it claims to be.
    file_empty: "This file is empty." | "Diese Datei ist leer." | "Este archivo está vacío." | "Ce fichier est vide.";
    /// Too many files.
    file_many: "Please choose at most {} files." | "Bitte wählen Sie höchstens {} Dateien." | "Elija como máximo {} archivos." | "Veuillez choisir {} fichiers au plus.";

    /// The title of a page for a government ID, if the template has none.
    id_title: "Show your ID" | "Ausweis vorzeigen" | "Muestre su documento de identidad" | "Montrez votre pièce d’identité";
    /// The kind of ID.
    id_class: "Kind of ID" | "Art des Ausweises" | "Tipo de documento" | "Type de pièce";
    /// The country of an ID.
    id_country: "Issued in" | "Ausgestellt in" | "Emitido en" | "Délivrée en";
    /// The front of an ID.
    id_front: "Front, or page with your photo" | "Vorderseite oder Seite mit Foto" | "Anverso, o página con su foto" | "Recto, ou page avec votre photo";
    /// The back of an ID.
    id_back: "Back, if there is one" | "Rückseite, falls vorhanden" | "Reverso, si lo hay" | "Verso, s’il y en a un";
    /// The machine-readable zone.
    mrz_label: "Machine-readable lines" | "Maschinenlesbare Zeilen" | "Líneas de lectura mecánica" | "Lignes lisibles par machine";
    /// How to enter a machine-readable zone.
    mrz_hint: "The two or three lines with < signs at the bottom of the page or on the back. Type or paste them as they are printed." | "Die zwei oder drei Zeilen mit <-Zeichen unten auf der Seite oder auf der Rückseite. Bitte so eingeben, wie sie gedruckt sind." | "Las dos o tres líneas con signos < al pie de la página o en el reverso. Escríbalas tal como están impresas." | "Les deux ou trois lignes avec des signes < en bas de la page ou au verso. Saisissez-les telles qu’elles sont imprimées.";
    /// A file with a machine-readable zone.
    mrz_file: "Or a text file with these lines" | "Oder eine Textdatei mit diesen Zeilen" | "O un archivo de texto con estas líneas" | "Ou un fichier texte avec ces lignes";
    /// No lines were found.
    mrz_missing: "These lines cannot be read. They have 30, 36 or 44 characters each." | "Diese Zeilen sind nicht lesbar. Sie haben je 30, 36 oder 44 Zeichen." | "Estas líneas no se pueden leer. Tienen 30, 36 o 44 caracteres cada una." | "Ces lignes ne peuvent pas être lues. Elles ont chacune 30, 36 ou 44 caractères.";
    /// Passport.
    class_pp: "Passport" | "Reisepass" | "Pasaporte" | "Passeport";
    /// Passport card.
    class_ppc: "Passport card" | "Passkarte" | "Tarjeta pasaporte" | "Carte passeport";
    /// Driver's license.
    class_dl: "Driver’s license" | "Führerschein" | "Permiso de conducir" | "Permis de conduire";
    /// ID card.
    class_id: "ID card" | "Personalausweis" | "Documento de identidad" | "Carte d’identité";
    /// Residence permit.
    class_rp: "Residence permit" | "Aufenthaltstitel" | "Permiso de residencia" | "Titre de séjour";
    /// Permanent resident card.
    class_pr: "Permanent resident card" | "Daueraufenthaltskarte" | "Tarjeta de residente permanente" | "Carte de résident permanent";
    /// Visa.
    class_visa: "Visa" | "Visum" | "Visado" | "Visa";
    /// Work permit.
    class_wp: "Work permit" | "Arbeitserlaubnis" | "Permiso de trabajo" | "Permis de travail";
    /// Military ID.
    class_mid: "Military ID" | "Militärausweis" | "Identificación militar" | "Carte militaire";
    /// Consular ID.
    class_cid: "Consular ID" | "Konsularausweis" | "Identificación consular" | "Carte consulaire";

    /// The title of a page for a selfie, if the template has none.
    selfie_title: "Take a photo of yourself" | "Machen Sie ein Foto von sich" | "Hágase una foto" | "Prenez-vous en photo";
    /// The photo.
    selfie_label: "Photo of your face" | "Foto Ihres Gesichts" | "Foto de su cara" | "Photo de votre visage";
    /// How the photo should be.
    selfie_hint: "Look straight ahead, in good light, without sunglasses." | "Blicken Sie geradeaus, bei gutem Licht und ohne Sonnenbrille." | "Mire de frente, con buena luz y sin gafas de sol." | "Regardez droit devant vous, dans une bonne lumière, sans lunettes de soleil.";

    /// An attempt that did not pass.
    try_again: "That did not work. Please try again." | "Das hat nicht geklappt. Bitte versuchen Sie es noch einmal." | "No ha funcionado. Inténtelo de nuevo." | "Cela n’a pas fonctionné. Veuillez réessayer.";
    /// A form that was sent from an old page.
    outdated: "That page was out of date. This is where you are." | "Jene Seite war veraltet. Hier geht es weiter." | "Esa página estaba desactualizada. Continúe aquí." | "Cette page n’était plus à jour. Voici où vous en êtes.";
    /// No mail server.
    no_mail: "E-mail cannot be sent: no mail server is configured here. Please tell whoever sent you this link." | "E-Mails können nicht gesendet werden: Hier ist kein Mailserver eingerichtet. Bitte wenden Sie sich an den Absender des Links." | "No se puede enviar correo: no hay servidor de correo configurado. Avise a quien le envió este enlace." | "Aucun e-mail ne peut être envoyé : aucun serveur de messagerie n’est configuré ici. Prévenez la personne qui vous a envoyé ce lien.";
    /// Nobody who sends text messages.
    no_texts: "Text messages cannot be sent: no service for them is configured here. Please tell whoever sent you this link." | "SMS können nicht gesendet werden: Hier ist kein Dienst dafür eingerichtet. Bitte wenden Sie sich an den Absender des Links." | "No se pueden enviar SMS: no hay un servicio configurado. Avise a quien le envió este enlace." | "Aucun SMS ne peut être envoyé : aucun service n’est configuré ici. Prévenez la personne qui vous a envoyé ce lien.";
    /// Nobody who makes a check.
    no_provider: "This step cannot be done: the service that makes this check is not configured here. Please tell whoever sent you this link." | "Dieser Schritt ist nicht möglich: Der Dienst für diese Prüfung ist hier nicht eingerichtet. Bitte wenden Sie sich an den Absender des Links." | "Este paso no es posible: el servicio que hace esta comprobación no está configurado. Avise a quien le envió este enlace." | "Cette étape est impossible : le service qui effectue ce contrôle n’est pas configuré ici. Prévenez la personne qui vous a envoyé ce lien.";

    /// The name of a sandbox.
    sandbox: "Sandbox" | "Sandbox" | "Entorno de pruebas" | "Bac à sable";
    /// What a sandbox is.
    sandbox_text: "For trying out: no real person is verified here." | "Zum Ausprobieren: Hier wird niemand wirklich geprüft." | "Para hacer pruebas: aquí no se verifica a nadie." | "Pour essayer : personne n’est réellement vérifié ici.";
    /// What the buttons of a sandbox do.
    sandbox_choose: "Simulate this verification:" | "Diese Prüfung simulieren:" | "Simular esta verificación:" | "Simuler cette vérification :";
    /// A verification passes.
    sandbox_pass: "Pass" | "Bestehen" | "Superar" | "Réussir";
    /// A verification fails.
    sandbox_fail: "Fail" | "Scheitern" | "Fallar" | "Échouer";

    /// The link that leads away.
    leave: "Leave" | "Beenden" | "Salir" | "Quitter";
    /// The question before leaving.
    leave_title: "Leave for now?" | "Für jetzt beenden?" | "¿Salir por ahora?" | "Quitter pour le moment ?";
    /// What happens on leaving.
    leave_text: "Your answers are kept. In this browser you can go on later where you stop now." | "Ihre Angaben bleiben erhalten. In diesem Browser können Sie später dort weitermachen, wo Sie jetzt aufhören." | "Sus respuestas se conservan. En este navegador podrá continuar más tarde donde lo deje." | "Vos réponses sont conservées. Dans ce navigateur, vous pourrez reprendre plus tard là où vous vous arrêtez.";
    /// The button that leaves.
    leave_yes: "Leave" | "Beenden" | "Salir" | "Quitter";
    /// The link that stays.
    leave_no: "Stay" | "Bleiben" | "Quedarse" | "Rester";
    /// After leaving.
    left_title: "See you later" | "Bis später" | "Hasta luego" | "À plus tard";
    /// The link that comes back.
    go_on: "Go on" | "Weitermachen" | "Continuar" | "Reprendre";

    /// A flow that ended well, if the template has no title.
    done_title: "All done" | "Fertig" | "Terminado" | "Terminé";
    /// A flow that did not.
    failed_title: "This did not work" | "Das hat nicht geklappt" | "No ha funcionado" | "Cela n’a pas fonctionné";
    /// Under the text of an end without a way on.
    close: "You can close this page." | "Sie können diese Seite schließen." | "Puede cerrar esta página." | "Vous pouvez fermer cette page.";

    /// Somebody else's session, or none.
    session_title: "Your session has expired" | "Ihre Sitzung ist abgelaufen" | "Su sesión ha caducado" | "Votre session a expiré";
    /// What to do then.
    session_text: "For your safety this can only be continued in the browser where it was begun, or with a new link. Please ask whoever sent you the link for a new one." | "Zu Ihrer Sicherheit geht es nur in dem Browser weiter, in dem Sie begonnen haben, oder mit einem neuen Link. Bitte fordern Sie ihn beim Absender an." | "Por su seguridad, solo puede continuar en el navegador donde empezó o con un enlace nuevo. Pídalo a quien se lo envió." | "Pour votre sécurité, vous ne pouvez continuer que dans le navigateur où vous avez commencé, ou avec un nouveau lien. Demandez-le à l’expéditeur.";
    /// The time of an inquiry is over.
    expired_title: "This link has expired" | "Dieser Link ist abgelaufen" | "Este enlace ha caducado" | "Ce lien a expiré";
    /// What to do then.
    expired_text: "Please ask whoever sent it to you for a new one." | "Bitte fordern Sie beim Absender einen neuen an." | "Pida uno nuevo a quien se lo envió." | "Demandez-en un nouveau à la personne qui vous l’a envoyé.";
    /// A one-time link that was used.
    code_used_title: "This link does not work any more" | "Dieser Link funktioniert nicht mehr" | "Este enlace ya no funciona" | "Ce lien ne fonctionne plus";
    /// What to do then.
    code_used_text: "It can be used once, and for a limited time. Please ask whoever sent it to you for a new one." | "Er gilt einmal und nur für eine bestimmte Zeit. Bitte fordern Sie beim Absender einen neuen an." | "Solo sirve una vez y durante un tiempo limitado. Pida uno nuevo a quien se lo envió." | "Il ne sert qu’une fois et pour un temps limité. Demandez-en un nouveau à la personne qui vous l’a envoyé.";
    /// An inquiry that has ended.
    finished_title: "There is nothing more to do" | "Hier ist nichts mehr zu tun" | "No hay nada más que hacer" | "Il n’y a plus rien à faire";
    /// What that means.
    finished_text: "This has been finished. You can close this page." | "Das ist abgeschlossen. Sie können diese Seite schließen." | "Esto ya ha finalizado. Puede cerrar esta página." | "Ceci est terminé. Vous pouvez fermer cette page.";
    /// An unknown address.
    missing_title: "This page does not exist" | "Diese Seite gibt es nicht" | "Esta página no existe" | "Cette page n’existe pas";
    /// What to do then.
    missing_text: "Please check that the whole link was copied." | "Bitte prüfen Sie, ob der Link vollständig ist." | "Compruebe que el enlace esté completo." | "Vérifiez que le lien est complet.";
    /// A template that is switched off.
    inactive_title: "This is not available" | "Das ist nicht verfügbar" | "Esto no está disponible" | "Ceci n’est pas disponible";
    /// What to do then.
    inactive_text: "It cannot be started at present. Please tell whoever sent you the link." | "Es kann zurzeit nicht begonnen werden. Bitte wenden Sie sich an den Absender des Links." | "Por ahora no se puede empezar. Avise a quien le envió el enlace." | "Il n’est pas possible de commencer actuellement. Prévenez la personne qui vous a envoyé le lien.";
    /// A link whose parameters make no sense.
    bad_link_title: "This link is not right" | "Dieser Link stimmt nicht" | "Este enlace no es correcto" | "Ce lien n’est pas correct";
    /// Too many requests.
    too_many_title: "Too many attempts" | "Zu viele Versuche" | "Demasiados intentos" | "Trop de tentatives";
    /// What to do then.
    too_many_text: "Please wait a minute and try again." | "Bitte warten Sie eine Minute und versuchen Sie es erneut." | "Espere un minuto y vuelva a intentarlo." | "Veuillez patienter une minute, puis réessayer.";
    /// A fault of the server.
    broken_title: "Something went wrong" | "Etwas ist schiefgegangen" | "Algo ha fallado" | "Un problème est survenu";
    /// What to do then.
    broken_text: "Your answers are safe. Please try again in a moment." | "Ihre Angaben sind sicher. Bitte versuchen Sie es gleich noch einmal." | "Sus respuestas están a salvo. Vuelva a intentarlo en un momento." | "Vos réponses sont conservées. Veuillez réessayer dans un instant.";
    /// A form that did not come from its page.
    forged_title: "This form could not be accepted" | "Dieses Formular konnte nicht angenommen werden" | "No se ha podido aceptar este formulario" | "Ce formulaire n’a pas pu être accepté";
    /// What to do then.
    forged_text: "Please open the page again and send it once more." | "Bitte öffnen Sie die Seite erneut und senden Sie sie noch einmal." | "Abra la página de nuevo y vuelva a enviarlo." | "Veuillez rouvrir la page et renvoyer le formulaire.";
    /// What was sent is too large.
    too_large_title: "That was too large" | "Das war zu groß" | "Es demasiado grande" | "C’était trop volumineux";
}

/// The languages that the pages know, each with the name that its speakers use.
pub const LANGUAGES: [(&Words, &str); 4] =
    [(&EN, "English"), (&DE, "Deutsch"), (&ES, "Español"), (&FR, "Français")];

impl Words {
    /// The words for somebody who reads a language such as `fr-CA`; English where the pages do not know it.
    #[must_use]
    pub fn in_language(wanted: &str) -> &'static Self {
        let base = wanted.split(['-', '_']).next().unwrap_or_default();
        let known = LANGUAGES.iter().find(|(words, _)| words.code.eq_ignore_ascii_case(base));
        known.map_or(&EN, |(words, _)| words)
    }

    /// The first language of an `Accept-Language` header that the pages know, with its region.
    #[must_use]
    pub fn accepted(header: &str) -> Option<&str> {
        let mut names = header.split(',').map(|part| part.split(';').next().unwrap_or_default().trim());
        let is_plain = |name: &&str| {
            (2..=35).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        names.find(is_plain)
    }
}

/// Puts values into the `{}` of a text, in order.
#[must_use]
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut parts = text.split("{}");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        filled.push_str(values.get(index).copied().unwrap_or_default());
        filled.push_str(part);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_same_gaps() {
        for (words, name) in LANGUAGES {
            for ((word, english), (_, said)) in EN.all().into_iter().zip(words.all()) {
                assert!(!said.trim().is_empty(), "{word} in {name}");
                assert_eq!(said.matches("{}").count(), english.matches("{}").count(), "{word} in {name}");
            }
        }
    }

    #[test]
    fn languages_are_found_by_their_first_part() {
        assert_eq!(Words::in_language("de-AT").code, "de");
        assert_eq!(Words::in_language("FR").code, "fr");
        assert_eq!(Words::in_language("ja").code, "en");
        assert_eq!(Words::accepted("de-CH,de;q=0.9,en;q=0.8"), Some("de-CH"));
        assert_eq!(Words::accepted("*"), None);
        assert_eq!(fill("{} of {}", &["1", "2"]), "1 of 2");
    }
}
