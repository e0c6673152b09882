package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLateProblemsLookTheSame wants problems that are found later to look like all others.
func TestLateProblemsLookTheSame(t *testing.T) {
	d := parsed(t, `
trust:
- name: corp
  from:
  - ca/a.pem
  - ca/b.pem
  to: {talos: {}}
environments:
- name: dev
  trust:
    corp: {allow: [T003],
      from: [ca/c.pem]}
- name: prod
`)
	if err := d.Refuse(nil); err != nil {
		t.Errorf("nothing found is refused: %v", err)
	}
	err := d.Refuse([]Found{
		{Environment: "dev", Field: "from", Rule: "no such file\x1b"},
		{Field: "from", Item: 1, Rule: "no such file"},
		{Environment: "prod", Field: "from", Item: 0, Rule: "is empty"},
	})
	want := "certs.yaml:7: trust[0].from[0] (environment prod): is empty\n" +
		"certs.yaml:8: trust[0].from[1]: no such file\n" +
		"certs.yaml:14: trust[0].from[0] (environment dev): no such file\\u001b"
	if diff := cmp.Diff(want, textOf(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
