/* main.c: entry of the program. */
#include <stdio.h>

int
main(void)
{
    puts("creditbot");
    return 0;
}
