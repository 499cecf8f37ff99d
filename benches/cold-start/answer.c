// The smallest program that systemd can start for a connection: accepts it, reads, responds and exits.
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
    static const char answer[] = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    char request[4096];
    int connection = accept(3, NULL, NULL);
    if (connection < 0 || read(connection, request, sizeof request) < 0)
        return 1;
    return write(connection, answer, strlen(answer)) < 0;
}
