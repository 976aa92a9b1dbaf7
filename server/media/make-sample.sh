#!/bin/sh
# Makes sample.flv: 8 s of drawn fish, 640x360 at 25 frames a second, H.264 baseline with a keyframe every 2 s, AAC mono,
# about 1 Mbit/s. Every motion has a period that divides 8 s and 8 s is a whole number of AAC frames (375), so the last
# frame leads into the first. Three rounds are encoded and the middle one is kept, which makes the sound seamless too.
set -e
out=${1:-sample.flv}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fonts=/usr/share/fonts/truetype/dejavu
fish() { echo "overlay=x='mod($1*92*t+$2\,736)-96':y='$3+18*sin(2*PI*t*$4/8+$2)'"; }

ffmpeg -v error -f lavfi -i "color=c=black@0:s=96x48,format=rgba,geq=r=255:g='150+70*sin(X/6)':b=40:a='255*gt(lte(pow((X-58)/34\,2)+pow((Y-24)/17\,2)\,1)+lt(X\,28)*lte(abs(Y-24)\,(28-X)*0.75+1)*gt(X\,2)\,0)'" \
  -frames:v 1 "$work/fish.png"
ffmpeg -v error -f lavfi -i "nullsrc=s=640x360:r=25:d=8,format=yuv444p,geq=lum='130-50*Y/360+14*sin(X/23+PI*T/2)*sin(Y/17-PI*T)+10*sin((X+Y)/9-PI*T)':cb='150+12*sin(X/60+PI*T/4)':cr='100+8*sin(Y/40-PI*T/4)'" \
  -c:v ffv1 "$work/water.mkv"
ffmpeg -v error -stream_loop 2 -i "$work/water.mkv" -loop 1 -framerate 25 -i "$work/fish.png" \
  -f lavfi -i "aevalsrc='0.10*sin(2*PI*220*t)*(0.6+0.4*sin(2*PI*t/4))+0.06*sin(2*PI*330*t)*(0.5+0.5*cos(2*PI*t/8))+0.15*sin(2*PI*880*t)*lt(mod(t\,1)\,0.06)':s=48000" \
  -filter_complex "[1]split=4[a][b][c][d];[b]scale=64:-1[b2];[c]scale=128:-1[c2];[d]scale=48:-1[d2];[0][a]$(fish 1 0 90 1)[v1];[v1][b2]$(fish 2 300 190 2)[v2];[v2][c2]$(fish 1 470 230 1)[v3];[v3][d2]$(fish 3 120 150 2),drawtext=fontfile=$fonts/DejaVuSans-Bold.ttf:text=shoal:fontsize=44:fontcolor=white@0.85:x=24:y=20,drawtext=fontfile=$fonts/DejaVuSansMono-Bold.ttf:text='%{eif\:mod(t\,8)\:d}.%{eif\:mod(t*25\,25)*4\:d\:2}':fontsize=30:fontcolor=white:x=520:y=30,format=yuv420p[v]" \
  -map '[v]' -map 2:a -t 24 -c:v libx264 -preset slow -profile:v baseline -level 3.0 -g 50 -keyint_min 50 \
  -sc_threshold 0 -b:v 930k -maxrate 930k -bufsize 930k -c:a aac -b:a 64k -ac 1 \
  -f flv -flvflags no_duration_filesize "$work/three.flv"
ffmpeg -v error -y -i "$work/three.flv" -ss 8 -t 8 -c copy -map_metadata -1 -fflags +bitexact \
  -f flv -flvflags no_duration_filesize "$out"
