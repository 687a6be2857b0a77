// Package main runs nothing: it names the server of Cloud Storage's JSON API that the tests build, so that go.mod and go.sum
// lock it.
package main

import _ "github.com/fsouza/fake-gcs-server/fakestorage"

func main() {}
