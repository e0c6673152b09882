package cmd_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// document is a Markdown file whose examples are tested.
type document struct {
	file string // from the top
	text string
}

// block is a fenced block of a document.
type block struct {
	language, body string
	section        string // the heading above it
	line           int
}

// documents returns all Markdown files for users.
func documents(t testing.TB) []document {
	t.Helper()
	top := filepath.Join("..", "..")
	files, err := filepath.Glob(filepath.Join(top, "docs", "*.md"))
	if err != nil || len(files) < 6 {
		t.Fatalf("docs has %d files: %v", len(files), err)
	}
	files = append(files, filepath.Join(top, "README.md"), filepath.Join(top, "SECURITY.md"), filepath.Join(top, "CONTRIBUTING.md"))
	var docs []document
	for _, file := range files {
		docs = append(docs, readDocument(t, file))
	}
	return docs
}

func readDocument(t testing.TB, file string) document {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	name, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	return document{file: name, text: string(data)}
}

func (d document) name() string { return filepath.Base(d.file) }

// blocks returns the fenced blocks in their order.
func (d document) blocks() []block {
	var blocks []block
	var open *block
	section := ""
	for i, line := range strings.SplitAfter(d.text, "\n") {
		fence, isFence := strings.CutPrefix(strings.TrimRight(line, "\n"), "```")
		switch {
		case isFence && open == nil:
			open = &block{language: fence, section: section, line: i + 1}
		case isFence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.body += line
		case strings.HasPrefix(line, "#"):
			section = strings.TrimSpace(strings.TrimLeft(line, "#"))
		}
	}
	return blocks
}

// shown is a command of a console block with its output.
type shown struct{ line, output string }

func (b block) commands() []shown {
	var commands []shown
	for _, part := range strings.Split("\n"+b.body, "\n$ ")[1:] {
		line, output, _ := strings.Cut(part, "\n")
		commands = append(commands, shown{line, strings.TrimRight(output, "\n")})
	}
	return commands
}

// certsFields are the fields of certs.yaml of which documents show fragments.
var certsFields = []string{"certificates", "environments", "expose", "ingressClasses", "issuers", "responder", "trust"}

// certsFile returns the certs.yaml that a block shows. A fragment is completed by
// the fragments above it in its section. ok is false for other YAML.
func (b block) certsFile(fragments map[string]any) (file []byte, ok bool) {
	var fields map[string]any
	if err := yaml.Unmarshal([]byte(b.body), &fields); err != nil || b.language != "yaml" {
		return nil, false
	}
	if fields["kind"] == "Certs" {
		return []byte(b.body), true
	}
	for name := range fields {
		if !slices.Contains(certsFields, name) {
			return nil, false
		}
	}
	maps.Copy(fragments, fields)
	whole := map[string]any{"apiVersion": "kubectl-certs.dev/v1alpha1", "kind": "Certs"}
	maps.Copy(whole, fragments)
	file, err := yaml.Marshal(whole)
	return file, err == nil
}

// clusterCommands need a cluster, so TestJourney runs them.
var clusterCommands = regexp.MustCompile(`^kubectl certs (status|run|trust (usage|verify|rotate))\b`)

// TestDocumentScripts runs the examples of all documents. A YAML block is a
// certs.yaml, and the console blocks after it show what a user sees who types the
// commands behind "$ ". UPDATE_SCRIPTS=1 rewrites them.
func TestDocumentScripts(t *testing.T) {
	commands := 0
	for _, d := range documents(t) {
		t.Run(d.name(), func(t *testing.T) {
			t.Chdir(caFiles(t))
			seen := d.text
			for _, b := range d.blocks() {
				if file, ok := b.certsFile(map[string]any{}); ok {
					write(t, "certs.yaml", string(file))
				}
				if b.language != "console" {
					continue
				}
				for _, c := range b.commands() {
					if clusterCommands.MatchString(c.line) {
						continue
					}
					commands++
					seen = d.check(t, seen, c, execute(t, c.line))
				}
			}
			d.update(t, seen)
		})
	}
	if commands < 8 {
		t.Errorf("only %d commands found", commands)
	}
}

// check compares the output of a command with what the document shows, or
// returns the document with the output in it.
func (d document) check(t *testing.T, text string, c shown, output string) string {
	t.Helper()
	if os.Getenv("UPDATE_SCRIPTS") == "" {
		if diff := cmp.Diff(c.output, output); diff != "" {
			t.Errorf("%s: %s (-shown +seen):\n%s", d.name(), c.line, diff)
		}
		return text
	}
	return strings.Replace(text, strings.TrimRight("$ "+c.line+"\n"+c.output, "\n"), strings.TrimRight("$ "+c.line+"\n"+output, "\n"), 1)
}

// update writes a changed document back.
func (d document) update(t *testing.T, text string) {
	t.Helper()
	if text != d.text {
		write(t, d.file, text)
	}
}

// execute returns what a user sees of a command.
func execute(t *testing.T, line string) string {
	t.Helper()
	args := strings.Fields(line)
	if len(args) < 2 || args[0] != "kubectl" || args[1] != "certs" {
		t.Fatalf("%q is not a kubectl certs command", line)
	}
	var screen bytes.Buffer
	env := iostreams.IO{In: strings.NewReader(""), Out: &screen, Err: &screen}
	cmd.Main(context.Background(), env, "v0.0.0-test", append([]string{"kubectl-certs"}, args[2:]...))
	return strings.TrimRight(screen.String(), "\n")
}

// TestDocumentExamples generates and lints every certs.yaml of the documents,
// unless a console block after it shows what is wrong with it. Other YAML must
// parse.
func TestDocumentExamples(t *testing.T) {
	examples := 0
	for _, d := range documents(t) {
		blocks, section, fragments := d.blocks(), "", map[string]any{}
		for i, b := range blocks {
			if b.section != section {
				section, fragments = b.section, map[string]any{}
			}
			file, ok := b.certsFile(fragments)
			switch {
			case b.language == "yaml" && !ok:
				if err := parseAll(b.body); err != nil {
					t.Errorf("%s:%d: %v", d.name(), b.line, err)
				}
			case ok && (i+1 == len(blocks) || blocks[i+1].language != "console"):
				examples++
				checkExample(t, d, b, string(file))
			}
		}
	}
	if examples < 10 {
		t.Errorf("only %d examples found", examples)
	}
}

// TestFirstCerts: the certs.yaml in the hint for a missing one passes generate and
// lint.
func TestFirstCerts(t *testing.T) {
	_, example, found := strings.Cut(execute(t, "kubectl certs generate"), "\n  apiVersion:")
	if !found {
		t.Fatal("the hint has no certs.yaml")
	}
	checkExample(t, document{file: "hint"}, block{}, strings.ReplaceAll("  apiVersion:"+example, "\n  ", "\n")[2:])
}

func checkExample(t *testing.T, d document, b block, file string) {
	t.Helper()
	dir := caFiles(t)
	spec := write(t, filepath.Join(dir, "certs.yaml"), file)
	for _, args := range [][]string{{"generate", "-f", spec}, {"lint", "-f", spec, "--as-of", "2026-11-22"}} {
		var screen bytes.Buffer
		env := iostreams.IO{In: strings.NewReader(""), Out: &screen, Err: &screen}
		if code := cmd.Main(context.Background(), env, "v0.0.0-test", append([]string{"kubectl-certs"}, args...)); code != 0 {
			t.Errorf("%s:%d: %s exits %d\n%s", d.name(), b.line, args[0], code, screen.String())
		}
	}
}

func parseAll(text string) error {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var document any
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// mentioned finds commands in code spans and in sh blocks.
var mentioned = regexp.MustCompile("(?m)(?:^|`|\\| )kubectl certs ([^`|#>\n]*)")

// TestDocumentCommands: every command that a document mentions exists, and so do
// its flags.
func TestDocumentCommands(t *testing.T) {
	found := 0
	for _, d := range documents(t) {
		for _, match := range mentioned.FindAllStringSubmatch(d.text, -1) {
			args := strings.Fields(strings.NewReplacer("…", "", "\"", "", "'", "").Replace(match[1]))
			if len(args) == 0 {
				continue
			}
			found++
			var screen bytes.Buffer
			env := iostreams.IO{In: strings.NewReader(""), Out: io.Discard, Err: &screen}
			if code := cmd.Main(context.Background(), env, "v0.0.0-test", slices.Concat([]string{"kubectl-certs"}, args, []string{"--help"})); code != 0 {
				t.Errorf("%s: kubectl certs %s: %s", d.name(), match[1], screen.String())
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d commands found", found)
	}
}

// TestKrewManifest: krew describes the plugin as its help does.
func TestKrewManifest(t *testing.T) {
	manifest := readDocument(t, filepath.Join("..", "..", "krew", "certs.yaml"))
	if want := "\n  shortDescription: " + cmd.Short() + "\n"; !strings.Contains(manifest.text, want) {
		t.Errorf("krew/certs.yaml lacks%s", want)
	}
}

// TestReadme: the first certs.yaml of the README is that of kustomize, and the
// README is short.
func TestReadme(t *testing.T) {
	readme := readDocument(t, filepath.Join("..", "..", "README.md"))
	example, err := os.ReadFile(filepath.Join("..", "..", "kustomize", "certs.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(example), firstSpec(t, readme)); diff != "" {
		t.Errorf("the first YAML block is not kustomize/certs.yaml (-want +got):\n%s", diff)
	}
	if lines := strings.Count(readme.text, "\n"); lines > 250 {
		t.Errorf("the README has %d lines, at most 250", lines)
	}
}

func firstSpec(t *testing.T, d document) string {
	t.Helper()
	for _, b := range d.blocks() {
		if b.language == "yaml" {
			return b.body
		}
	}
	t.Fatal("no YAML block")
	return ""
}

// TestStatusReasons: docs/status.md explains every reason to issue.
func TestStatusReasons(t *testing.T) {
	page := readDocument(t, filepath.Join("..", "..", "docs", "status.md"))
	for _, reason := range []issuance.Reason{
		issuance.Missing, issuance.Damaged, issuance.Temporary, issuance.NamesChanged, issuance.IssuerChanged, issuance.ServerChanged,
		issuance.ProfileChanged, issuance.KeyChanged, issuance.Expired, issuance.RenewalDue, issuance.RenewalRequested,
	} {
		if !strings.Contains(page.text, "`"+string(reason)+"`") {
			t.Errorf("status.md does not explain %q", reason)
		}
	}
}

// dnsErrors are the formats of errors that docs/dns01.md explains.
var dnsErrors = []string{
	"no zone for %s is visible to these credentials; a token needs Zone:Read and DNS:Edit for the zone",
	"invalid credential: it contains control characters, such as line breaks, or non-ASCII characters",
	"sign in: %w",
	"no zone %s in the resource group: %w",
	"%s is not in the zone %s",
	"key %s of Secret %s is not a service account key in JSON",
	"no public zone %s in the project",
	": the server does not have ",
	": the server has a different secret for ",
	": the clocks of the server and this machine differ by more than 5 minutes",
	": the server does not serve this zone or does not accept ",
	": the server does not allow ",
	" to change this name",
	"key %s of Secret %s is not base64",
	"invalid ChallengePayload in the answer: %w",
	"the webhook failed without a message",
	"read Secret %s: %w",
	"Secret %s has no key %s; it has %s",
	"key %s of Secret %s is empty",
	"not propagated after %s: %s",
	"the zone %s is served by %s, apparently not by name servers of %s: check that the credentials are for the right DNS provider",
	"%w; %s may keep only one value at a name: use separate certificates for %s and *.%s",
}

// TestDocumentDNSErrors: docs/dns01.md shows errors in the words of the code.
func TestDocumentDNSErrors(t *testing.T) {
	page := readDocument(t, filepath.Join("..", "..", "docs", "dns01.md")).text
	files, err := filepath.Glob(filepath.Join("..", "issuance", "dns01", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	code := ""
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			code += readDocument(t, file).text
		}
	}
	verb := regexp.MustCompile(`%[a-z]`)
	for _, format := range dnsErrors {
		if !strings.Contains(code, format) {
			t.Errorf("no error is %q; correct this list and docs/dns01.md", format)
		}
		for _, words := range verb.Split(format, -1) {
			if len(words) > 12 && !strings.Contains(page, strings.TrimSpace(words)) && !strings.Contains(words, "a token needs") {
				t.Errorf("docs/dns01.md lacks %q of %q", words, format)
			}
		}
	}
}

// link is a link to a file of the repository, with an anchor or without.
var link = regexp.MustCompile(`\]\(([^)#:]*)(#[^)]*)?\)`)

// TestDocumentLinks: files and headings that documents link to exist.
func TestDocumentLinks(t *testing.T) {
	for _, d := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(d.text, -1) {
			target := d
			if match[1] != "" {
				file := filepath.Join(filepath.Dir(d.file), filepath.FromSlash(match[1]))
				if info, err := os.Stat(file); err != nil || info.IsDir() {
					if err != nil {
						t.Errorf("%s: %s does not exist", d.name(), match[1])
					}
					continue
				}
				target = readDocument(t, file)
			}
			if match[2] != "" && !slices.Contains(target.anchors(), match[2]) {
				t.Errorf("%s: %s has no heading %s", d.name(), target.name(), match[2])
			}
		}
	}
}

var (
	heading     = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the anchors of the headings, as GitHub makes them.
func (d document) anchors() []string {
	var anchors []string
	for _, match := range heading.FindAllStringSubmatch(d.text, -1) {
		anchors = append(anchors, "#"+strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-"))
	}
	return anchors
}

// caFiles returns a folder with the CA files that documents name, made of samples
// of the trust commands.
func caFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, sample := range map[string]string{
		"corp/old.pem": "soon.pem", "corp/next.cer": "not-yet.pem", "corp/proxy.pem": "base64-lines.txt",
		"ca/root-2024.pem": "one.pem", "ca/root-2026.cer": "p256.pem", "ca/dev.pem": "rsa-2048.pem",
	} {
		data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "trust", sample))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(data))
	}
	return dir
}
