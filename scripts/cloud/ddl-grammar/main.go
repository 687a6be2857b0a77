// Command ddl-grammar reads Spanner DDL from standard input and says how many statements it holds, or what is wrong with it.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/cloudspannerecosystem/memefish"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	statements, err := memefish.ParseDDLs("ddl", string(text))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(len(statements))
}
