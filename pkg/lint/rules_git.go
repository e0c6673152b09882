package lint

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// gitRules are about content that should not be in Git.
var gitRules = []finding.Rule{
	{
		ID: "C401", What: "a private key in Git", Severity: finding.Error,
		Why: "Base64 is not encryption: everyone who can read the repository, now or later, has the key.",
		Fix: "remove the key and issue a new certificate; to keep a key in Git use SOPS, SealedSecret or ExternalSecret",
	},
	{
		ID: "C402", What: "a credential in clear text", Severity: finding.Warning,
		Why: "Everyone who can read the repository can change the zone and have certificates issued for it.",
		Fix: "encrypt it with SOPS or SealedSecret, or use an ExternalSecret; then replace the credential",
	},
	{
		ID: "C403", What: "a namespace on a cluster-scoped kind", Severity: finding.Note,
		Why: "Kustomize does not know that the kind is cluster-scoped and sets the namespace. The API server drops it, but tools that compare names may see another object.",
		Fix: "put such objects into a kustomization without namespace:, as kubectl certs generate does",
	},
	{
		ID: "C404", What: "a Secret in Git is also issued", Severity: finding.Warning,
		Why: "Git and cert-manager both write the Secret. Every sync reverts the certificate to the one in Git.",
		Fix: "remove the Secret from Git",
	},
	{
		ID: "C405", What: "a password in clear text", Severity: finding.Warning,
		Why: "The password opens the keystore with the private key, and everyone who can read the manifest has it.",
		Fix: "use passwordSecretRef instead of password",
	},
	{
		ID: "C406", What: "certificates cannot be read", Severity: finding.Note,
		Why: "They were not checked.",
		Fix: "run kubectl certs trust inspect FILE --password-file PASSWORD-FILE",
	},
	{
		ID: "C407", What: "an allowed ID does not exist", Severity: finding.Warning,
		Why: "The annotation " + v1alpha1.AllowAnnotation + " lists an ID that no finding has, so it has no effect.",
		Fix: "correct the ID, for example C103",
	},
	{
		ID: "C408", What: "an encrypted private key in Git", Severity: finding.Warning,
		Why: "The key is only as safe as its password, and cannot be taken back once it is in Git.",
		Fix: "remove it; to keep a key in Git use SOPS, SealedSecret or ExternalSecret",
	},
}
