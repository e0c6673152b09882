package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(2)
	}
}

func run(args []string) error {
	if len(args) == 1 && args[0] == "check" {
		return missing()
	}
	if len(args) == 2 && args[0] == "inside" {
		return inside(args[1])
	}
	if len(args) > 1 && args[0] == "part" {
		return part(args[1], args[2:])
	}
	o := options{programs: map[string]string{}}
	flag.StringVar(&o.lab, "dir", ".lab", "folder of a lab that runs")
	flag.Func("image", "`NAME=FILE`: an image of one static program, for pods; may be repeated", o.addImage)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	go func() {
		if closed(os.Stdin) {
			stop()
		}
	}()
	return outside(ctx, o)
}

// closed returns when a pipe closes: the process at its other end is gone.
func closed(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		return false
	}
	_, _ = io.Copy(io.Discard, f) // an error ends it as well
	return true
}
