// Command tessera-bench appends the lines of a file to a tlog-tiles log by Tessera's POSIX driver, and prints how many
// seconds passed from the first to a signed checkpoint that covers the last.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: tessera-bench LINES DIRECTORY BATCH")
	}
	text, err := os.ReadFile(os.Args[1])
	must(err)
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	batch, err := strconv.ParseUint(os.Args[3], 10, 32)
	must(err)

	ctx := context.Background()
	secret, _, err := note.GenerateKey(rand.Reader, "bench.example/log")
	must(err)
	signer, err := note.NewSigner(secret)
	must(err)
	driver, err := posix.New(ctx, posix.Config{Path: os.Args[2]})
	must(err)
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(uint(batch), 100*time.Millisecond).
		WithPushback(uint(2 * batch)).
		WithCheckpointInterval(time.Second)
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, options)
	must(err)

	start := time.Now()
	awaiter := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 10*time.Millisecond)
	waiting := make(chan tessera.IndexFuture, batch)
	done := make(chan struct{})
	go func() {
		defer close(done)
		var last tessera.IndexFuture
		for future := range waiting {
			_, err := future()
			must(err)
			last = future
		}
		_, _, err := awaiter.Await(ctx, last)
		must(err)
	}()
	for _, line := range lines {
		waiting <- appender.Add(ctx, tessera.NewEntry(line))
	}
	close(waiting)
	<-done
	fmt.Printf("%.3f\n", time.Since(start).Seconds())
	must(shutdown(ctx))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
