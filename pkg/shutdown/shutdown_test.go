package shutdown

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// carried is the key of a value that a context carries.
type carried struct{}

func TestFinish(t *testing.T) {
	const never = time.Hour
	for name, tt := range map[string]struct {
		limit    time.Duration // of With, 0 for none
		finish   time.Duration
		begin    time.Duration // of Finish, after the end of ctx; negative for before
		released bool
		want     time.Duration // after the end of ctx
	}{
		"before the end":       {finish: 5 * time.Second, begin: -time.Second, want: 5 * time.Second},
		"after the end":        {finish: 5 * time.Second, begin: 2 * time.Second, want: 7 * time.Second},
		"limited":              {limit: 3 * time.Second, finish: 5 * time.Second, begin: -time.Second, want: 3 * time.Second},
		"limit is far":         {limit: 8 * time.Second, finish: 5 * time.Second, begin: -time.Second, want: 5 * time.Second},
		"limited, after":       {limit: 3 * time.Second, finish: 5 * time.Second, begin: time.Second, want: 3 * time.Second},
		"after the limit":      {limit: 3 * time.Second, finish: 5 * time.Second, begin: 4 * time.Second, want: 4 * time.Second},
		"released":             {finish: 5 * time.Second, begin: -time.Second, released: true, want: -time.Second},
		"released and limited": {limit: 3 * time.Second, finish: 5 * time.Second, begin: -time.Second, released: true, want: -time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, end := context.WithCancel(context.WithValue(t.Context(), carried{}, "v"))
				defer end()
				if tt.limit > 0 {
					limited, stop := With(ctx, tt.limit)
					defer stop()
					ctx = limited
				}
				ended := time.Now().Add(10 * time.Second)
				time.AfterFunc(10*time.Second, end)
				time.Sleep(10*time.Second + tt.begin)
				longer, stop := Finish(ctx, tt.finish)
				defer stop()
				if tt.released {
					stop()
				}
				if longer.Value(carried{}) != "v" {
					t.Error("the values of the context are lost")
				}
				select {
				case <-longer.Done():
				case <-time.After(never):
				}
				if got := time.Since(ended); got != tt.want {
					t.Errorf("ends %s after the context, want %s", got, tt.want)
				}
			})
		})
	}
}

// TestFinishWithoutCancellation: without an end there is no limit.
func TestFinishWithoutCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := With(t.Context(), time.Second)
		defer stop()
		longer, release := Finish(ctx, time.Second)
		defer release()
		time.Sleep(time.Hour)
		if err := longer.Err(); err != nil {
			t.Error(err)
		}
	})
}
