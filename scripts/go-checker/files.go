package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

// tilePath names a tile as C2SP tlog-tiles does: without the height, which the Go checksum database has in its paths.
func tilePath(kind string, index int64, wide int) string {
	path := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		path = fmt.Sprintf("x%03d/%s", index%1000, path)
	}
	path = "tile/" + kind + "/" + path
	if wide < width {
		path = fmt.Sprintf("%s.p/%d", path, wide)
	}
	return path
}

func hashTilePath(tile tlog.Tile) string {
	return tilePath(fmt.Sprint(tile.L), tile.N, tile.W)
}

// readBundle reads the entries of one bundle: each behind its length as a big-endian uint16.
func readBundle(dir string, index int64, wide int) ([][]byte, error) {
	path := tilePath("entries", index, wide)
	rest, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(rest) > 0 {
		if len(rest) < 2 || len(rest)-2 < int(binary.BigEndian.Uint16(rest)) {
			return nil, fmt.Errorf("%s: entry %d is cut short", path, len(entries))
		}
		end := 2 + int(binary.BigEndian.Uint16(rest))
		entries = append(entries, rest[2:end])
		rest = rest[end:]
	}
	if len(entries) != wide {
		return nil, fmt.Errorf("%s: has %d entries", path, len(entries))
	}
	return entries, nil
}

// readTile reads a tile of hashes; of a partial one that is gone, the beginning of the full one that it grew into.
func readTile(dir string, tile tlog.Tile) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(dir, hashTilePath(tile)))
	if errors.Is(err, fs.ErrNotExist) && tile.W < width {
		full := tile
		full.W = width
		if whole, fullErr := os.ReadFile(filepath.Join(dir, hashTilePath(full))); fullErr == nil && len(whole) == width*tlog.HashSize {
			return whole[:tile.W*tlog.HashSize], nil
		}
	}
	return data, err
}
