package overlay

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// RemoteError is a reference of a kustomization that kustomize would download,
// or render with Helm. Neither is done here, because a kustomization may be
// untrusted.
type RemoteError struct {
	File  string // that has the reference
	Field string
	Entry string // without credentials; "" for a chart

	mayBeFolder bool
}

func (e *RemoteError) Error() string {
	if e.Entry == "" {
		return fmt.Sprintf("%s: %s: Helm charts are not rendered; run helm template, and add its output to resources instead", e.File, e.Field)
	}
	advice := "download it, for example with curl, and refer to the copy instead"
	location, _, _ := strings.Cut(e.Entry, "?")
	isFile := slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(location))
	if e.mayBeFolder && !isFile && (isRepository(e.Entry) || strings.Contains(e.Entry, "ref=")) {
		advice = "clone it with git clone and refer to the folder instead, or run kustomize localize"
	}
	return fmt.Sprintf("%s: %s: %s is remote, and remote manifests are not downloaded; %s", e.File, e.Field, e.Entry, advice)
}

// Needs returns in one word what is missing.
func (e *RemoteError) Needs() string {
	if e.Entry == "" {
		return "Helm"
	}
	return e.Entry
}

// isRemote reports whether kustomize downloads an entry of a kustomization, or
// fails because it is remote. Builds and lint share this decision. Only entries
// that may be folders are repositories (loader.FileLoader.New).
func isRemote(fsys fs.FS, name, entry string, mayBeFolder bool) bool {
	switch {
	case isURL(entry), mayBeFolder && isRepository(entry):
		return true
	case isInline(entry):
		return false
	case strings.Contains(entry, "://"):
		return true
	case !mayBeFolder:
		return false
	}
	if _, err := fs.Stat(fsys, name); !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	host, _, _ := strings.Cut(strings.ToLower(entry), "/")
	_, query, _ := strings.Cut(entry, "?")
	return strings.Contains(query, "ref=") || strings.Contains(query, "version=") || slices.Contains([]string{"gitlab.com", "bitbucket.org"}, host)
}

// isInline reports whether an entry is YAML instead of a path.
func isInline(entry string) bool {
	return strings.Contains(entry, "\n") || strings.HasPrefix(entry, "{")
}

// isURL is kustomize's loader.IsRemoteFile.
func isURL(entry string) bool {
	u, err := url.Parse(entry)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}

// sshUser matches the user of a repository, as kustomize does.
var sshUser = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-]*@`)

// isRepository reports whether kustomize clones an entry
// (git.NewRepoSpecFromURL, which is internal). It also reports repositories
// with a path that kustomize rejects.
func isRepository(entry string) bool {
	if path.IsAbs(entry) {
		return false
	}
	rest, _, _ := strings.Cut(entry, "?")
	rest, _ = cutPrefixFold(rest, "git::")
	if _, isFile := cutPrefixFold(rest, "file://"); isFile {
		return true
	}
	hasScheme := false
	for _, scheme := range []string{"ssh://", "https://", "http://"} {
		if after, found := cutPrefixFold(rest, scheme); found {
			rest, hasScheme = after, true
			break
		}
	}
	user := sshUser.FindString(rest)
	rest = strings.TrimPrefix(rest, user)
	_, slash := cutPrefixFold(rest, "github.com/")
	_, colon := cutPrefixFold(rest, "github.com:")
	if !hasScheme && user == "" && !slash && !colon {
		return false
	}
	end := strings.Index(rest, "/") // of the host
	if at := strings.Index(rest, ":"); !hasScheme && (end < 0 || at > 0 && at < end) {
		end = at
	}
	inHost := rest[end+1:]
	return end >= 0 && (strings.Contains(inHost, "/") || strings.Contains(inHost, ".git"))
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// userInfo matches the user and the password of a URL, and query a parameter,
// which may be a token.
var (
	userInfo = regexp.MustCompile(`//[^/\s]*@`)
	password = regexp.MustCompile(`^[^/@\s]*:[^/\s]*@`)
	query    = regexp.MustCompile(`([?&])([^=&\s]*)=[^&\s]*`)
)

// withoutCredentials returns an entry as it may be printed.
func withoutCredentials(entry string) string {
	entry = password.ReplaceAllString(userInfo.ReplaceAllString(entry, "//…@"), "…@")
	return query.ReplaceAllStringFunc(entry, func(parameter string) string {
		switch name, _, _ := strings.Cut(parameter[1:], "="); name {
		case "ref", "version", "timeout", "submodules":
			return parameter
		default:
			return parameter[:1] + name + "=…"
		}
	})
}
