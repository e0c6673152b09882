package shutdown

import (
	"context"
	"time"
)

type key struct{}

// With returns a context that ends with ctx. Contexts derived from it by Finish end at most
// limit after it. The returned function releases it.
func With(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	last, stop := outlive(ctx, limit)
	return context.WithValue(ctx, key{}, last), stop
}

// Finish returns a context for work that the end of ctx must not interrupt. It ends d after
// ctx, or earlier if With set a limit. The returned function releases it.
func Finish(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, stop := outlive(ctx, d)
	last, limited := ctx.Value(key{}).(context.Context)
	if !limited {
		return longer, stop
	}
	undo := context.AfterFunc(last, stop)
	return longer, func() { undo(); stop() }
}

// outlive returns a context that ends some time after another.
func outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	undo := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(d, cancel)
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() { undo(); cancel() }
}
