// Package environ lends the process environment to one call at a time, for
// libraries that can be configured in no other way. It never reads a value for
// itself.
package environ

import (
	"context"
	"os"
	"strings"
)

// turn is of the whole process, because its environment is.
var turn = make(chan struct{}, 1)

// With runs f while the environment has the given variables and no others of
// the namespaces, each of which is the beginning of names, as in "AWS_". What
// was there before is there again when f returns. With waits until nobody else
// has the environment, and returns early only if the context ends before that.
//
// Other goroutines see the variables while f runs: f should be short, and
// nothing that reads variables of these namespaces may run outside of With.
func With(ctx context.Context, set map[string]string, namespaces []string, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	defer restore(replace(set, namespaces))
	return f()
}

// replace changes the environment and returns what it was.
func replace(set map[string]string, namespaces []string) (before map[string]*string) {
	before = map[string]*string{}
	for _, pair := range os.Environ() {
		if name, value, _ := strings.Cut(pair, "="); within(name, namespaces) {
			before[name] = &value
			os.Unsetenv(name)
		}
	}
	for name, value := range set {
		if _, saved := before[name]; !saved {
			before[name] = lookup(name)
		}
		os.Setenv(name, value)
	}
	return before
}

func restore(before map[string]*string) {
	for name, value := range before {
		if value == nil {
			os.Unsetenv(name)
		} else {
			os.Setenv(name, *value)
		}
	}
}

func lookup(name string) *string {
	if value, set := os.LookupEnv(name); set {
		return &value
	}
	return nil
}

func within(name string, namespaces []string) bool {
	for _, namespace := range namespaces {
		if strings.HasPrefix(name, namespace) {
			return true
		}
	}
	return false
}
