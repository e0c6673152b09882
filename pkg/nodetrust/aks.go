package nodetrust

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// aks returns the CAs for the nodes of an AKS cluster: as a file for az, and as
// fragments for ARM, Bicep and Terraform.
func aks(b plan.Bundle) []File {
	if b.Spec.To.AKS == nil {
		return nil
	}
	return []File{
		{Name: "roots.pem", Data: cabundle.Encode(b.Roots, cabundle.AKS), Note: b.Count() + "; az aks update --custom-ca-trust-certificates roots.pem, for Linux nodes and not for pods"},
		{Name: "arm.json", Data: aksARM(b), Note: "the same for an ARM template"},
		{Name: "roots.bicep", Data: aksBicep(b), Note: "the same for Bicep"},
		{Name: "roots.tf", Data: aksTerraform(b), Note: "the same for Terraform"},
	}
}

// base64PEM returns a certificate in the form of the AKS API.
func base64PEM(e cabundle.Entry) string {
	return base64.StdEncoding.EncodeToString(cabundle.Encode([]cabundle.Entry{e}, cabundle.AKS))
}

func aksARM(b plan.Bundle) []byte {
	texts := make([]string, len(b.Roots))
	for i, e := range b.Roots {
		texts[i] = base64PEM(e)
	}
	text, err := json.MarshalIndent(map[string]any{
		"properties": map[string]any{"securityProfile": map[string]any{"customCATrustCertificates": texts}},
	}, "", "  ")
	if err != nil {
		panic("bundle: arm: " + err.Error()) // maps and texts
	}
	return append(text, '\n')
}

func aksBicep(b plan.Bundle) []byte {
	var w bytes.Buffer
	w.WriteString("// In the Microsoft.ContainerService/managedClusters resource:\n" +
		"// properties: { securityProfile: { customCATrustCertificates: customCATrustCertificates } }\n" +
		"var customCATrustCertificates = [\n")
	for _, e := range b.Roots {
		fmt.Fprintf(&w, "  // %s\n  '%s'\n", e.Title(), base64PEM(e))
	}
	w.WriteString("]\n")
	return w.Bytes()
}

func aksTerraform(b plan.Bundle) []byte {
	var w bytes.Buffer
	w.WriteString("# In the azurerm_kubernetes_cluster resource:\n" +
		"# custom_ca_trust_certificates_base64 = local.custom_ca_trust_certificates_base64\n" +
		"locals {\n  custom_ca_trust_certificates_base64 = [\n")
	for _, e := range b.Roots {
		fmt.Fprintf(&w, "    # %s\n    \"%s\",\n", e.Title(), base64PEM(e))
	}
	w.WriteString("  ]\n}\n")
	return w.Bytes()
}
