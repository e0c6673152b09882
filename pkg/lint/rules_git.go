package lint

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// gitRules are about what a manifest in Git should not have.
var gitRules = []finding.Rule{
	{
		ID: "C401", What: "a private key", Severity: finding.Error,
		Why: "Base64 hides nothing: whoever reads the repository, now or later, has the key.",
		Fix: "take it out and issue anew; what must be in Git goes there by SOPS, SealedSecret or ExternalSecret",
	},
	{
		ID: "C402", What: "a credential in clear text", Severity: finding.Warning,
		Why: "The Secret is what an issuer proves control by: whoever reads the repository can have certificates issued for the zone, and change it.",
		Fix: "encrypt it by SOPS or SealedSecret, or name it in an ExternalSecret; then change the credential",
	},
	{
		ID: "C403", What: "a namespace on a kind that has none", Severity: finding.Note,
		Why: "Kustomize's namespace: does not know the kind and sets one. The API server drops it; tools that compare by name may take it for another object.",
		Fix: "keep such objects in a kustomization of their own, without namespace:, as kubectl certs generate does",
	},
	{
		ID: "C404", What: "a Secret that is issued, too", Severity: finding.Warning,
		Why: "Git and cert-manager both write it. Every sync takes the certificate back to what is in Git.",
		Fix: "take the Secret out of Git",
	},
	{
		ID: "C405", What: "a password in clear text", Severity: finding.Warning,
		Why: "It opens the key store with the private key, and everybody who reads the manifest has it.",
		Fix: "passwordSecretRef instead of password",
	},
	{
		ID: "C406", What: "certificates that could not be read", Severity: finding.Note,
		Why: "They were not judged.",
		Fix: "kubectl certs trust inspect FILE --password-file FILE",
	},
	{
		ID: "C407", What: "an agreement to nothing", Severity: finding.Warning,
		Why: "The annotation " + v1alpha1.AllowAnnotation + " names an ID that no finding has, so it allows nothing.",
		Fix: "correct the ID, as in C103",
	},
	{
		ID: "C408", What: "an encrypted private key", Severity: finding.Warning,
		Why: "It is as secret as its password, and as hard to take back as any key in Git.",
		Fix: "take it out; what must be in Git goes there by SOPS, SealedSecret or ExternalSecret",
	},
}
