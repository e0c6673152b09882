package usage

import "testing"

func TestParseLocation(t *testing.T) {
	for text, want := range map[string]Location{
		"corp-roots":                         {Name: "corp-roots"},
		"openshift":                          {Kind: OpenShift},
		"configmap/shop/roots":               {Kind: "ConfigMap", Namespace: "shop", Name: "roots"},
		"configmap/shop/roots:ca.crt":        {Kind: "ConfigMap", Namespace: "shop", Name: "roots", Key: "ca.crt"},
		"configmap/*/roots":                  {Kind: "ConfigMap", Namespace: Everywhere, Name: "roots"},
		"configmap/roots":                    {Kind: "ConfigMap", Name: "roots"},
		"configmap/shop/roots-*:ca.crt":      {Kind: "ConfigMap", Namespace: "shop", Name: "roots", Hashed: true, Key: "ca.crt"},
		"secret/kube-system/custom:ca_1.crt": {Kind: "Secret", Namespace: "kube-system", Name: "custom", Key: "ca_1.crt"},
		"bundle/corp":                        {Kind: "Bundle", Name: "corp"},
		"clusterbundle/corp":                 {Kind: "ClusterBundle", Name: "corp"},
		"clustertrustbundle/corp":            {Kind: "ClusterTrustBundle", Name: "corp"},
		"component/corp":                     {Kind: Component, Name: "corp"},
		"component/shop/corp":                {Kind: Component, Namespace: "shop", Name: "corp"},
		"clustertrustbundle/example.com:a:b": {Kind: "ClusterTrustBundle", Name: "example.com:a:b"},
	} {
		got, err := ParseLocation(text)
		if err != nil || got != want {
			t.Errorf("ParseLocation(%q) is %+v, %v; want %+v", text, got, err, want)
		}
		if got.String() != text {
			t.Errorf("%q is written as %q", text, got)
		}
	}
	for text, want := range map[string]string{
		"cm/shop/roots":         "configmap/shop/roots",
		"ctb/corp":              "clustertrustbundle/corp",
		"Secrets/shop/x":        "secret/shop/x",
		"ConfigMap/*/roots:a.b": "configmap/*/roots:a.b",
	} {
		if got, err := ParseLocation(text); err != nil || got.String() != want {
			t.Errorf("ParseLocation(%q) is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "/", "Roots", "roots.", "deployment/shop/x", "configmap/", "configmap/shop/", "configmap//x", "configmap/shop/x/y",
		"configmap/shop/x:", "configmap/shop/x:a b", "configmap/sh*/x", "configmap/*", "bundle/shop/x", "component/a/b/c", "component/A/x", "bundle/x-*", "configmap/shop/-*", "bundle/X", "secret/shop/*", "a:b",
	} {
		if got, err := ParseLocation(text); err == nil {
			t.Errorf("ParseLocation(%q) is %+v", text, got)
		}
	}
}

func TestVague(t *testing.T) {
	for text, want := range map[string]bool{"configmap/x": true, "configmap/a/x": false, "bundle/x": false, "x": false, "openshift": false} {
		if p, err := ParseLocation(text); err != nil || p.Vague() != want {
			t.Errorf("%q: vague is %v, want %v (%v)", text, p.Vague(), want, err)
		}
	}
}
