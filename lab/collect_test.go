package lab_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"testing"
	"time"
)

// testCollect: what belongs to an object goes with it, of built-in kinds and of
// others, and nothing else goes. Collecting ends with its standard input.
func testCollect(t *testing.T, dir string, a api) {
	const configMaps = "/api/v1/namespaces/default/configmaps"
	const issuers = "/apis/cert-manager.io/v1/namespaces/default/issuers"
	for _, name := range []string{"stays", "goes"} {
		uid := create(t, a, configMaps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: "+name+"}}")
		metadata := fmt.Sprintf("metadata: {name: of-%[1]s, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: %[1]s, uid: %[2]s}]}", name, uid)
		create(t, a, configMaps, "{apiVersion: v1, kind: ConfigMap, "+metadata+"}")
		create(t, a, issuers, "{apiVersion: cert-manager.io/v1, kind: Issuer, "+metadata+", spec: {selfSigned: {}}}")
	}
	cmd := exec.Command(binary(t), "collect", "--dir", dir)
	leash, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	a.call(t, "DELETE", configMaps+"/goes", "")
	for _, resource := range []string{configMaps, issuers} {
		code := 0
		for deadline := time.Now().Add(time.Minute); code != 404 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			code, _ = a.call(t, "GET", resource+"/of-goes", "")
		}
		if code != 404 {
			t.Errorf("%s/of-goes: %d after a minute", resource, code)
		}
		if code, body := a.call(t, "GET", resource+"/of-stays", ""); code != 200 {
			t.Errorf("%s/of-stays: %d %s", resource, code, body)
		}
	}
	leash.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("lab collect: %v", err)
	}
}

// create makes an object and returns its UID.
func create(t *testing.T, a api, path, body string) string {
	t.Helper()
	code, answer := a.call(t, "POST", path, body)
	var object struct{ Metadata struct{ UID string } }
	if err := json.Unmarshal([]byte(answer), &object); err != nil || code != 201 {
		t.Fatalf("%s: %d %s", path, code, answer)
	}
	return object.Metadata.UID
}
