package lego

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/go-acme/lego/v4/challenge"
	"github.com/google/go-cmp/cmp"
	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01/process"
)

// odd is a provider that does what its name says.
type odd struct{ name string }

func (p odd) Present(domain, _, _ string) error {
	switch p.name {
	case "chatty":
		fmt.Println(`{"id": 4, "error": "from the provider"}`)
		if _, err := os.Stdout.WriteString("not JSON\n"); err != nil {
			return err
		}
		got, err := io.ReadAll(os.Stdin)
		return errors.Join(err, fmt.Errorf("read %q", got))
	case "hang":
		select {}
	case "long-winded":
		return errors.New(strings.Repeat("s3cr3t ", 1<<18))
	case "silent":
		return errors.New("")
	case "panic":
		panic("in " + domain)
	case "goroutine":
		go panic("in another goroutine")
		time.Sleep(time.Minute)
	case "exit":
		os.Exit(0)
	}
	return nil
}
func (odd) CleanUp(string, string, string) error { return nil }
func (odd) Sequential() time.Duration            { return time.Second }

func init() {
	creators["leaky"] = func(_ string, variables map[string][]byte) (challenge.Provider, error) {
		panic(fmt.Sprintf("no log-in with %s", variables["TOKEN"]))
	}
	creators["odd"] = func(name string, _ map[string][]byte) (challenge.Provider, error) { return odd{name}, nil }
}

func launch(t testing.TB, args ...string) process.Launcher {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return process.Launcher{Path: self, Args: args}
}

var someRecord = dns01.Record{Domain: "shop.example.com", FQDN: "_acme-challenge.shop.example.com.", Zone: "example.com.", Token: "token", KeyAuth: "key"}

// TestProviderThatPrintsOrExits: what a provider prints does not disturb the answers, and one
// that ends its process fails one call.
func TestProviderThatPrintsOrExits(t *testing.T) {
	for name, want := range map[string]string{
		"good":        "",
		"chatty":      `read ""`,
		"silent":      "an error without a text",
		"long-winded": "an error of 1835008 bytes, too long to show",
		"panic":       "during present, its process ended: exit status 2: panic: in shop.example.com",
		"goroutine":   "during present, its process ended: exit status 2: panic: in another goroutine",
		"exit":        "during present, its process ended: exit status 0",
	} {
		t.Run(name, func(t *testing.T) {
			p, err := launch(t, "odd").Provider(t.Context(), name, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(dns01.Traits{Sequential: true}, p.Traits()); diff != "" {
				t.Errorf("traits (-want +got):\n%s", diff)
			}
			for range 2 { // the second time with the same process or another one
				got := ""
				if err := p.Present(t.Context(), someRecord); err != nil {
					got = err.Error()
				}
				if got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
				if err := p.CleanUp(t.Context(), someRecord); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestScrubbed: what a provider says when it ends its process is a failure of the
// solver, without the values of its variables.
func TestScrubbed(t *testing.T) {
	solver := &cmacme.ACMEChallengeSolverDNS01{Webhook: &cmacme.ACMEIssuerDNS01ProviderWebhook{
		GroupName: dns01.LegoGroup, SolverName: "any", Config: &apiext.JSON{Raw: []byte(`{"secretName": "dns"}`)},
	}}
	read := func(context.Context, string) (map[string][]byte, error) {
		return map[string][]byte{"TOKEN": []byte("s3cr3t-token\n")}, nil
	}
	_, err := dns01.New(t.Context(), solver, read, dns01.Options{Resolvers: []string{"127.0.0.1:9"}, ByName: launch(t, "leaky").Provider})
	want := `solver: dns01: DNS provider "any": during make, its process ended: exit status 2: panic: no log-in with ***`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestProcessEndsWithItsInput: the process ends with its input, whatever its provider does, and by
// no signal that a terminal sends to all processes.
func TestProcessEndsWithItsInput(t *testing.T) {
	l := launch(t, "odd")
	cmd := exec.Command(l.Path, l.Args...)
	cmd.Env = []string{}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	requests, answers := process.NewWriter(in), process.NewReader(out)
	for i, r := range []process.Request{{Method: process.Hello, Version: process.Version}, {Method: process.Make, Provider: "hang"}, {Method: process.Timeout}} {
		var answer process.Response
		r.ID = uint64(i)
		if err := errors.Join(requests.Write(r), answers.Read(&answer)); err != nil || answer.Error != "" || answer.ID != r.ID {
			t.Fatal(err, answer)
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	if err := requests.Write(process.Request{ID: 9, Method: process.Present, Record: &someRecord}); err != nil {
		t.Fatal(err)
	}
	in.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(2 * time.Minute):
		_ = cmd.Process.Kill()
		t.Error("it goes on")
	}
}

// TestVersionMismatch: a process with another version tells its own, and ends.
func TestVersionMismatch(t *testing.T) {
	var out strings.Builder
	s := &server{out: process.NewWriter(&out)}
	err := s.serve(strings.NewReader(`{"id":1,"method":"hello","version":2}` + "\n"))
	if want := `the first request is "hello" with version 2 of the protocol, not 1`; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(`{"id":1,"version":1}`+"\n", out.String()); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}
