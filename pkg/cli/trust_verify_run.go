package cli

import (
	"context"
	"errors"
)

func trustVerifyRun(ctx context.Context, env Env, in *trustVerifyInput) error {
	done := env.progress("reading the cluster")
	c, err := in.reader.Compare(ctx, in.wanted, in.trustNamespace, &in.values)
	done()
	if err != nil {
		return err
	}
	if err := newVerifyView(c).print(env, in.output); err != nil {
		return err
	}
	differ := c.Different()
	env.say("%s, %s: %d the same, %d not", count(len(c.Certificates), "certificate"), count(len(c.Locations), "place"), len(c.Locations)-differ, differ)
	for _, note := range c.Notes {
		env.note(note)
	}
	if len(c.Locations)+len(c.Notes) == 0 {
		return errors.New("nothing was compared: no place is in the cluster")
	}
	if differ > 0 {
		return errFound
	}
	return nil
}
