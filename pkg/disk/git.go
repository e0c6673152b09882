package disk

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

// Git opens the repository that contains the folder dir as it was at revision
// rev: a commit, a tag, a branch, HEAD~3 and so on. Names are read at once,
// contents when first asked for, until ctx is done or the tree is closed.
// Files that are not committed are not in it. Errors:
//
//	git is not installed
//	DIR is not in a git repository
//	git revision "REV": not found in DIR
func Git(ctx context.Context, dir, rev string) (*GitTree, error) {
	prefix, err := git(ctx, dir, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, err
	}
	commit, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil, fmt.Errorf("git revision %q: not found in %s", rev, dir)
	}
	if err != nil {
		return nil, err
	}
	hash := strings.TrimSpace(string(commit))
	list, err := git(ctx, dir, "ls-tree", "-r", "-z", "--full-tree", hash)
	if err != nil {
		return nil, err
	}
	contents := &blobs{ctx: ctx, dir: dir, cache: map[string][]byte{}}
	return &GitTree{
		prefix: strings.TrimSuffix(strings.TrimSuffix(string(prefix), "\n"), "/"),
		nodes:  parseTree(string(list), contents),
		blobs:  contents,
	}, nil
}

// git returns what a git command prints.
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
	case errors.As(err, &exit):
		return nil, fmt.Errorf("git %s in %s: %s: %w", args[0], dir, bytes.TrimSpace(exit.Stderr), err)
	}
	return nil, fmt.Errorf("git %s in %s: %w", args[0], dir, err)
}

// hookVariables are what git tells its hooks of the repository they run in;
// they would hide the repository that contains the folder asked for.
var hookVariables = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE"}

func gitCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(hookVariables, name)
	})
	cmd.Env = append(cmd.Env, "LC_ALL=C") // its errors are read above
	return cmd
}
