package cmd_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// bashCompletion prints what bash offers for a line, given as words of which the
// last is to be completed. $1 is the name of the program with the completion, and
// _get_comp_words_by_ref is the function of the package bash-completion, for words
// that bash has already split.
const bashCompletion = `
_get_comp_words_by_ref() { cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD; }
compopt() { :; }
source <("$1" completion bash)
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_TYPE=9
"__start_$1"
printf '%s\n' "${COMPREPLY[@]}"
`

// kubectl returns the path of kubectl, whose completion runs ours.
func kubectl(t *testing.T) string {
	t.Helper()
	built, err := filepath.Abs(filepath.Join("..", "..", ".bin", "kubectl"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(built); err == nil {
		return built
	}
	found, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("no kubectl on the PATH; make $PWD/.bin/kubectl builds it")
	}
	return found
}

// TestBashCompletion: bash completes values of flags and names of Secrets, of the
// program and of the plugin, for which kubectl runs kubectl_complete-certs.
func TestBashCompletion(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	real := kubectl(t)
	server := startKube(t)
	makeNamespaces(t, clientOf(t, server), "default", "shop", "shop-2")
	c := testCluster{t: t, client: clientOf(t, server), namespace: "shop"}
	c.makeIssued(issuedSecret{"good", -10 * day, 80 * day, "{}"})
	bin := t.TempDir()
	if err := os.Symlink(real, filepath.Join(bin, "kubectl")); err != nil {
		t.Fatal(err)
	}
	script := execute(t, "kubectl certs completion kubectl")
	if err := os.WriteFile(filepath.Join(bin, "kubectl_complete-certs"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Chdir(t.TempDir())
	write(t, "certs.yaml", "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers: [{name: a, selfSigned: {}}]\nenvironments: [{name: staging}, {name: prod}]\n")
	for line, want := range map[string]string{
		"stat":                      "status",
		"trust rotate n":            "next",
		"status -o custom-columns-": "custom-columns-file",
		"status -n sh":              "shop shop-2",
		"generate -e ":              "prod staging",
		"run --http01 st":           "static",
		"renew -n shop ":            "good-tls",
		"renew -n shop good-tls ":   "",
		"trust bundle --target a":   "aks",
	} {
		for _, program := range []string{"kubectl-certs", "kubectl certs"} {
			words := append(strings.Fields(program), strings.Split(line, " ")...)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			cmd := exec.CommandContext(ctx, bash, append([]string{"--norc", "-c", bashCompletion, "bash", words[0]}, words...)...)
			out, err := cmd.Output()
			cancel()
			got := strings.Fields(string(out))
			slices.Sort(got)
			if strings.Join(got, " ") != want || err != nil {
				t.Errorf("%s %s: bash offers %q (%v), want %q\n%s", program, line, got, err, want, stderrOf(err))
			}
		}
	}
}

func stderrOf(err error) string {
	if failed, ok := err.(*exec.ExitError); ok {
		return string(failed.Stderr)
	}
	return fmt.Sprint(err)
}
