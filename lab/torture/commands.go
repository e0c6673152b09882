package main

import (
	"os/exec"
	"regexp"
	"strings"
	"sync"
)

// usage is what the help of a command says.
type usage struct {
	path      string // such as trust inspect
	arguments string // as the usage line has them
	flags     map[string]string
}

var helps sync.Map

// help is the help of a command.
func (h *harness) help(path string) string {
	if text, ok := helps.Load(path); ok {
		return text.(string)
	}
	out, err := exec.Command(h.bin, append(strings.Fields(path), "--help")...).Output()
	must(err)
	helps.Store(path, string(out))
	return string(out)
}

var (
	listed    = regexp.MustCompile(`(?m)^  ([a-z][a-z-]*)  +\S`)
	usageLine = regexp.MustCompile(`(?m)^Usage:\n  kubectl certs ?(.*)$`)
	flagLine  = regexp.MustCompile(`(?m)^ +(?:-(\w), )?--([a-z0-9-]+)(?: (\w+))?   +(.*)$`)
)

// commands lists every command that the help lists, without those that only
// have others below them.
func (h *harness) commands(path string) []usage {
	text := h.help(path)
	_, list, found := strings.Cut(text, "\nCommands:\n")
	if !found {
		return []usage{h.usage(path)}
	}
	list, _, _ = strings.Cut(list, "\n\n")
	var all []usage
	for _, m := range listed.FindAllStringSubmatch(list, -1) {
		all = append(all, h.commands(strings.TrimSpace(path+" "+m[1]))...)
	}
	return all
}

func (h *harness) usage(path string) usage {
	text := h.help(path)
	u := usage{path: path, flags: map[string]string{}}
	if m := usageLine.FindStringSubmatch(text); m != nil {
		u.arguments = strings.TrimSpace(strings.TrimPrefix(strings.ReplaceAll(m[1], "[flags]", ""), path))
	}
	for _, m := range flagLine.FindAllStringSubmatch(text, -1) {
		u.flags[m[2]] = m[3] + " " + m[4]
	}
	return u
}
