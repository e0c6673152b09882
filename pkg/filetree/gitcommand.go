package filetree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// git returns the output of a git command.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	out, err := gitCommand(ctx, dir, args...).Output()
	exit := (*exec.ExitError)(nil)
	switch {
	case err == nil:
		return out, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("git is not installed")
	case errors.As(err, &exit) && bytes.Contains(exit.Stderr, []byte("not a git repository")):
		return nil, fmt.Errorf("%s is not in a git repository", dir)
	case errors.As(err, &exit) && bytes.Contains(exit.Stderr, []byte("cannot use bare repository")):
		return nil, fmt.Errorf("%s is in a bare git repository, which may have been committed as plain files of another repository; run this in a work tree, for example one made with git worktree add", dir)
	case errors.As(err, &exit) && isMissing(string(exit.Stderr)):
		return nil, errMissing
	case errors.As(err, &exit):
		return nil, fmt.Errorf("git %s in %s: %s: %w", args[0], dir, bytes.TrimSpace(exit.Stderr), err)
	}
	return nil, fmt.Errorf("git %s in %s: %w", args[0], dir, err)
}

// hookVariables are set by git for its hooks. They would hide the repository of
// the requested folder.
var hookVariables = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE"}

// safeConfig overrides configuration with which a repository could make git run
// commands. A bare repository may be committed to another one as plain files,
// so it is used only if it is named (git-config(1), safe.bareRepository).
var safeConfig = []string{
	"safe.bareRepository=explicit",
	"core.fsmonitor=false",
	"core.hooksPath=" + os.DevNull,
	"core.alternateRefsCommand=false",
	"maintenance.auto=false",
	"gc.auto=0",
}

// safeEnvironment prevents git from contacting the remote of a partial clone,
// for which it would run transports, proxies and credential helpers. Git before
// 2.45 ignores GIT_NO_LAZY_FETCH. There is no transport "none"; an empty list
// would do too, but Windows has no empty variables.
var safeEnvironment = []string{
	"GIT_NO_LAZY_FETCH=1",
	"GIT_ALLOW_PROTOCOL=none",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_OPTIONAL_LOCKS=0",
	"LC_ALL=C", // its errors are read above
}

func gitCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	options := []string{"-C", dir, "--no-pager"}
	for _, setting := range safeConfig {
		options = append(options, "-c", setting)
	}
	cmd := exec.CommandContext(ctx, "git", append(options, args...)...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(hookVariables, name)
	})
	cmd.Env = append(cmd.Env, safeEnvironment...)
	return cmd
}

// errMissing is an object that a partial clone has not fetched.
var errMissing = errors.New("the git repository lacks an object of this revision; in a partial clone, run git fetch --refetch --no-filter first")

// isMissing reports whether git could not fetch an object.
func isMissing(stderr string) bool {
	return strings.Contains(stderr, "from promisor remote") || strings.Contains(stderr, "lazy fetching disabled")
}
