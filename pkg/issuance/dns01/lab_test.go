package dns01

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// lab is a running lab, of which the tests use only the DNS.
type lab struct {
	t   *testing.T
	env map[string]string
}

// startLab starts a lab that ends with this process, or skips the test if the binary is not
// built.
func startLab(t *testing.T) lab {
	t.Helper()
	bin, err := filepath.Abs(filepath.Join("..", "..", "..", ".bin", "lab"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bin); err != nil {
		if os.Getenv("CERTS_REQUIRE_SERVERS") != "" {
			t.Fatalf("%v; make lab builds it", err)
		}
		t.Skip("needs real servers: make lab")
	}
	dir := t.TempDir()
	command := func(args ...string) []byte {
		cmd := exec.Command(bin, append(args, "--dir", dir)...)
		var talk bytes.Buffer
		cmd.Stderr = &talk
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("lab %v: %v\n%s", args, err, talk.String())
		}
		return out
	}
	l := lab{t: t, env: map[string]string{}}
	lines := bufio.NewScanner(bytes.NewReader(command("up", "--parent-pid", fmt.Sprint(os.Getpid()))))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), "=")
		l.env[name] = strings.Trim(value, "'")
	}
	t.Cleanup(func() { command("down") })
	return l
}

// set adds records, lines of a zone file.
func (l lab) set(records string) {
	l.t.Helper()
	answer, err := http.Post(l.env["DNS_API"]+"/records", "text/plain", strings.NewReader(records))
	if err != nil || answer.StatusCode/100 != 2 {
		l.t.Fatal(answer, err)
	}
	answer.Body.Close()
}

// texts returns the TXT records of the lab, "name value".
func (l lab) texts() []string {
	l.t.Helper()
	answer, err := http.Get(l.env["DNS_API"] + "/records")
	if err != nil {
		l.t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) == 5 && f[3] == "TXT" {
			found = append(found, f[0]+" "+strings.Trim(f[4], `"`))
		}
	}
	slices.Sort(found)
	return found
}

func (l lab) options() Options {
	_, port, err := net.SplitHostPort(l.env["DNS_ADDR"])
	if err != nil {
		l.t.Fatal(err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		l.t.Fatal(err)
	}
	return Options{Resolvers: []string{l.env["DNS_ADDR"]}, Port: uint16(n), Timeout: time.Second}
}

// solver returns a solver with the lab's key.
func (l lab) solver(more string) issuance.Solver {
	return l.solverWith(l.env["TSIG_NAME"], l.env["TSIG_SECRET"], more)
}

// solverWith returns a solver with any key; more is the rest of the solver, ending with "}".
func (l lab) solverWith(key, secret, more string) issuance.Solver {
	l.t.Helper()
	solver := fmt.Sprintf("rfc2136: {nameserver: '%s', tsigKeyName: %s, tsigSecretSecretRef: {name: tsig, key: secret}%s", l.env["DNS_ADDR"], key, more)
	p, err := New(l.t.Context(), solverOf(l.t, solver), vault{"tsig/secret": secret}.read, l.options())
	if err != nil {
		l.t.Fatal(err)
	}
	return p
}

// TestLiveRFC2136 validates names with a real name server.
func TestLiveRFC2136(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	t.Run("algorithms", l.algorithms)
	t.Run("order", l.order)
	t.Run("strategies", l.strategies)
	t.Run("failures", l.failures)
	t.Run("persist", l.persist)
}

// algorithms: each signs, by UDP and by TCP, and the server verifies.
func (l lab) algorithms(t *testing.T) {
	l.t = t
	for _, algorithm := range []string{"", "HMACMD5", "HMACSHA1", "HMACSHA224", "HMACSHA256", "HMACSHA384", "HMACSHA512"} {
		for _, protocol := range []string{"UDP", "TCP"} {
			more := ", protocol: " + protocol
			if algorithm != "" {
				more += ", tsigAlgorithm: " + algorithm
			}
			name := strings.ToLower("n" + algorithm + protocol + ".example.com")
			p := l.solver(more + "}")
			began := time.Now()
			if err := p.Present(t.Context(), challenges(name)); err != nil {
				t.Errorf("%s %s: %v", algorithm, protocol, err)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("%s %s: took %s", algorithm, protocol, took)
			}
			if got, want := l.texts(), []string{"_acme-challenge." + name + ". " + value(name)}; !slices.Equal(got, want) {
				t.Errorf("%s %s: %q, want %q", algorithm, protocol, got, want)
			}
			if err := p.CleanUp(t.Context(), challenges(name)); err != nil || len(l.texts()) > 0 {
				t.Errorf("%s %s: left %q, %v", algorithm, protocol, l.texts(), err)
			}
		}
	}
}

// order: names and wildcards of several zones at once, beside foreign records; an interrupted
// run; and CleanUp deletes exactly our records.
func (l lab) order(t *testing.T) {
	l.t = t
	l.set(shop + " 60 IN TXT \"theirs\"\n_acme-challenge.www.example.org. 60 IN TXT \"theirs\"")
	names := []string{"shop.example.com", "*.shop.example.com", "www.example.org", "example.co.uk", "*.example.co.uk"}
	want := []string{"_acme-challenge.www.example.org. theirs", shop + " theirs"}
	for _, name := range names {
		want = append(want, "_acme-challenge."+strings.TrimPrefix(name, "*.")+". "+value(name))
	}
	ctx, stop := context.WithCancel(t.Context())
	killed := l.solver("}")
	time.AfterFunc(20*time.Millisecond, stop)
	if err := killed.Present(ctx, challenges(names...)); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	p := l.solver("}") // of another process
	began := time.Now()
	if err := p.Present(t.Context(), challenges(names...)); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d names in %s", len(names), time.Since(began))
	if diff := cmp.Diff(sorted(slices.Clone(want)), l.texts()); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	cleaner := l.solver("}")
	for range 2 {
		if err := cleaner.CleanUp(t.Context(), challenges(names...)); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff(sorted(want[:2]), l.texts()); diff != "" {
		t.Errorf("records afterwards (-want +got):\n%s", diff)
	}
}

// strategies: with Follow the record is at the target of the CNAME. With None it is beside the
// CNAME, where no server returns it.
func (l lab) strategies(t *testing.T) {
	l.t = t
	before := l.texts()
	l.set("_acme-challenge.alias.example.com CNAME alias.acme.example.net")
	p := l.solver("}\ncnameStrategy: Follow")
	order := challenges("alias.example.com", "*.alias.example.com")
	if err := p.Present(t.Context(), order); err != nil {
		t.Error(err)
	}
	want := []string{"alias.acme.example.net. " + value("alias.example.com"), "alias.acme.example.net. " + value("*.alias.example.com")}
	if diff := cmp.Diff(append(want, before...), l.texts(), cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if err := p.CleanUp(t.Context(), order); err != nil || !slices.Equal(l.texts(), before) {
		t.Errorf("left %q, %v", l.texts(), err)
	}

	none := l.solver("}")
	err := none.Present(t.Context(), challenges("alias.example.com"))
	if want := "the CA follows _acme-challenge.alias.example.com → alias.acme.example.net., but the solver wrote the record at _acme-challenge.alias.example.com: set cnameStrategy: Follow"; !strings.Contains(text(err), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if err := none.CleanUp(t.Context(), challenges("alias.example.com")); err != nil {
		t.Error(err)
	}
}

func (l lab) failures(t *testing.T) {
	l.t = t
	wrong := base64.StdEncoding.EncodeToString([]byte("wrong-wrong-wrong-wrong-wrong-32"))
	ns := l.env["DNS_ADDR"]
	for _, c := range []struct{ title, key, secret, more, want string }{
		{"wrong secret", l.env["TSIG_NAME"], wrong, ", tsigAlgorithm: HMACSHA256}",
			"update zone example.com: NOTAUTH: the server does not serve this zone or does not accept TSIG key lab with hmac-sha256: compare name, secret and algorithm"},
		{"unknown key", "who", l.env["TSIG_SECRET"], "}",
			"update zone example.com: NOTAUTH: the server does not serve this zone or does not accept TSIG key who with hmac-md5: compare name, secret and algorithm"},
	} {
		p := l.solverWith(c.key, c.secret, c.more)
		err := p.Present(t.Context(), challenges("shop.example.com"))
		if want := "challenge: shop.example.com: the name server " + ns + ": " + c.want; text(err) != want {
			t.Errorf("%s:\ngot  %v\nwant %s", c.title, err, want)
		}
		if strings.Contains(text(err), c.secret) {
			t.Errorf("%s: tells the secret", c.title)
		}
	}
	unsigned, err := New(t.Context(), solverOf(t, "rfc2136: {nameserver: '"+ns+"'}"), nil, l.options())
	if err != nil {
		t.Fatal(err)
	}
	want := "challenge: shop.example.com: the name server " + ns + ": update zone example.com: REFUSED: the server does not accept updates without a TSIG key"
	if err := unsigned.Present(t.Context(), challenges("shop.example.com")); text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}

	// One server accepts the record, another one never returns it.
	l.set("lost.org NS ns.lost.org\nlost.org NS ns.lame.org\nns.lame.org A 127.0.0.77")
	w := &testDNS{t: t, port: int(l.options().Port)}
	w.serve(77, "lost.org. SOA a. b. 1 1 1 1 1")
	err = l.solver("}").Present(t.Context(), challenges("www.lost.org"))
	want = "challenge: www.lost.org: not propagated after 1s: ns.lame.org: NXDOMAIN for _acme-challenge.www.lost.org; ns.lost.org: only [\"" + value("www.lost.org") + "\"] for _acme-challenge.www.lost.org"
	if text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// persist checks the permanent record in the lab.
func (l lab) persist(t *testing.T) {
	l.t = t
	p, err := NewPersist(l.options())
	if err != nil {
		t.Fatal(err)
	}
	c := issuance.Challenge{Type: issuance.DNSPersist01, Name: "persist.example.com", Wildcard: true, Account: "https://ca.example/acct/1", IssuerDomains: []string{"pebble.letsencrypt.org"}}
	want := "create: " + persistRecord(c)
	if err := p.Present(t.Context(), []issuance.Challenge{c}); !strings.HasSuffix(text(err), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	l.set(persistRecord(c))
	if err := p.Present(t.Context(), []issuance.Challenge{c}); err != nil {
		t.Error(err)
	}
}
